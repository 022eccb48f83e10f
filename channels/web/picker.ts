/** What the field for files is told: its bounds, and the words its script shows. */
import type { Frame } from '../../platform/pages/frame.ts'
import { MAX_FILE_BYTES, MAX_FILES } from './limits.ts'

const keys = ['remove', 'total', 'shrunk', 'tooLarge', 'tooMany', 'addMore'] as const

export function pickerOf({ t }: Pick<Frame, 't'>): {
  limits: { bytes: number; files: number }
  pickerWords: Record<(typeof keys)[number], string>
} {
  return {
    limits: { bytes: MAX_FILE_BYTES, files: MAX_FILES },
    pickerWords: Object.fromEntries(keys.map((key) => [key, t(`files.${key}`)])) as Record<
      (typeof keys)[number],
      string
    >
  }
}
