import type { Page } from '../../../helpers/site.ts'

/** The form at `action` as a browser sends it when `fields` are filled in. */
export function formOf(
  page: Page,
  action: string,
  fields: Record<string, string>,
  files: File[] = []
) {
  const form = page.text.split('<form').find((one) => one.includes(`action="${action}"`))!
  const body = new FormData()
  const given: Record<string, string> = {}
  for (const [, name, value] of form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g))
    given[name!] = value!
  for (const [, name, options] of form.matchAll(
    /<select[^>]* name="([^"]+)"[^>]*>(.*?)<\/select>/gs
  ))
    given[name!] = /value="([^"]*)" selected/.exec(options!)?.[1] ?? ''
  given['subject'] = /name="subject"[^>]*value="([^"]*)"/.exec(form)?.[1] ?? ''
  for (const [name, value] of Object.entries({ ...given, ...fields })) body.append(name, value)
  for (const file of files) body.append('files', file)
  return body
}
