import { catalogue, type ErrorCode } from '../errors.ts'
import type { Frame } from './frame.ts'
import { render } from './render.ts'

/** The page for a catalogue error, in the page's language if the locales have a sentence for it. */
export function renderError(
  code: ErrorCode,
  frame: Frame,
  back?: { href: string; text: string }
): string {
  const heading = frame.t(`error.heading.${headingOf(catalogue[code].status)}`)
  return render('platform/pages/error', {
    ...frame,
    title: heading,
    heading,
    text: errorText(code, frame),
    back
  })
}

/** A catalogue error's sentence for the visitor. */
export function errorText(code: ErrorCode, frame: Pick<Frame, 't'>): string {
  const key = `error.${code}`
  const text = frame.t(key)
  return text === key ? catalogue[code].text : text
}

function headingOf(status: number): 'missing' | 'wait' | 'refused' | 'ours' {
  if (status === 404 || status === 410) return 'missing'
  if (status === 429 || status === 503) return 'wait'
  return status < 500 ? 'refused' : 'ours'
}
