/** A form that comes back says what it does, whichever form of the desk it is. */
import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import { deedOf } from '../../../../web/desk/unsent/deeds.ts'

const ID = '01a22d2f-51d8-7418-82b1-2ceeba368980'

/** Paths of the forms in which something is typed, by the templates of the desk. */
function actionsOf(file: string): string[] {
  const text = fs.readFileSync(file, 'utf8')
  const bases = new Map(
    [...text.matchAll(/const (path|base) = `([^`]+)`/g)].map(([, name, path]) => [name!, path!])
  )
  return [...text.matchAll(/<form[^>]*method="post"[^>]*?action="([^"]+)"[^]*?<\/form>/g)]
    .filter(([form]) => /<textarea|<input[^>]*name="(?:reason|words|note|text)"/.test(form))
    .map(([, action]) =>
      action!
        .replace(/^<%= (path|base) %>/, (_, name: string) => bases.get(name) ?? '')
        .replaceAll(/<%=[^]*?%>|\$\{[^}]*\}/g, ID)
    )
    .filter((action) => action.startsWith('/desk/'))
}

const forms = fs
  .globSync('web/desk/**/*.eta')
  .filter((file) => !file.includes('/unsent/'))
  .flatMap((file) => actionsOf(file).map((action) => [file, action] as const))

test.each(forms)('%s: %s', (_, action) => {
  expect(deedOf({ action, fields: [['do', 'note']] })).not.toBe('Send')
})

test('the forms of a case are among them', () => {
  const ends = forms.map(([, action]) => action.split('/').at(-1))
  for (const end of ['close', 'split', 'pause', 'resume', 'send-back', 'free', 'join'])
    expect(ends).toContain(end)
})
