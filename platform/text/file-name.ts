import { storableText } from './storable.ts'

/**
 * A file's name as sent, cut to a length and without characters that could act as a path or a line
 * end.
 */
export function cleanFileName(name: string, longest: number): string {
  return storableText(name.slice(0, longest).replace(/[\p{Cc}/\\]/gu, '_'))
}
