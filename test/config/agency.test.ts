import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ConfigError, loadAgency, watchAgency, type Agency } from '../../config/agency.ts'
import { MAX_FILE_BYTES } from '../../config/yaml-file.ts'

const town = path.resolve('config')
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'evenhand-config-'))
  const parts = ['departments.yaml', 'routes.yaml', 'services.yaml', 'replies.yaml']
  for (const part of [...parts, 'forms', 'locales'])
    await cp(path.join(town, part), path.join(dir, part), { recursive: true })
})

afterEach(() => rm(dir, { recursive: true, force: true }))

/** Edits a file and says on which line the edit ends. */
async function edit(name: string, from: string | RegExp, to: string): Promise<number> {
  const file = path.join(dir, name)
  const text = await readFile(file, 'utf8')
  const edited = text.replace(from, to)
  expect(edited).not.toBe(text)
  await writeFile(file, edited)
  const start = typeof from === 'string' ? text.indexOf(from) : text.search(from)
  return edited.slice(0, start + to.length).split('\n').length
}

async function problems(): Promise<string[]> {
  const outcome = await loadAgency(dir).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(ConfigError)
  return (outcome as ConfigError).problems
}

test('the default town is complete and fully translated', async () => {
  const agency = await loadAgency(town)
  expect(agency.warnings).toEqual([])
  expect(agency.departments.departments.map((department) => department.id)).toContain(
    agency.departments.general
  )
  expect(agency.forms.map((form) => form.id)).toEqual(['contact', 'streets'])
  expect(Object.keys(agency.locales).sort()).toEqual(['en', 'es'])
})

test('an agency without services.yaml has nothing to report by Open311, and may keep the rules for it', async () => {
  await rm(path.join(dir, 'services.yaml'))
  expect((await loadAgency(dir)).services).toMatchObject({ services: [], keyRequired: false })
})

test('an agency without replies.yaml has no saved replies', async () => {
  await rm(path.join(dir, 'replies.yaml'))
  expect(await loadAgency(dir)).toMatchObject({ replies: [] })
})

describe('a problem names file, line and field', () => {
  const cases: [what: string, file: string, from: string | RegExp, to: string, problem: RegExp][] =
    [
      [
        'a rule for an unknown department',
        'routes.yaml',
        'department: streets',
        'department: street',
        /^routes\.yaml:LINE: rules\[0\]\.department: there is no department "street" \(known: general, streets, /
      ],
      [
        'a rule for an unknown form',
        'routes.yaml',
        'form: [streets]',
        'form: [steets]',
        /^routes\.yaml:LINE: rules\[0\]\.when\.form\[0\]: there is no form "steets"/
      ],
      [
        'a rule for a field that routing may not see',
        'routes.yaml',
        'answer: { topic: [water] }',
        'answer: { name: [water] }',
        /^routes\.yaml:LINE: rules\[2\]\.when\.answer\.name: there is no field with routing: true "name"/
      ],
      [
        'a rule for an answer that cannot be given',
        'routes.yaml',
        'topic: [water]',
        'topic: [watre]',
        /^routes\.yaml:LINE: rules\[2\]\.when\.answer\.topic: there is no option "watre"/
      ],
      [
        'a rule for an unknown service',
        'routes.yaml',
        'service: [pothole, ',
        'service: [potholes, ',
        /^routes\.yaml:LINE: rules\[8\]\.when\.service\[0\]: there is no service "potholes" \(known: pothole, /
      ],
      [
        'a rule for an answer that routing may not see',
        'routes.yaml',
        'service: [missed-pickup, dumping]',
        'service: [missed-pickup], answer: { day: [today] }',
        /^routes\.yaml:LINE: rules\[10\]\.when\.answer\.day: there is no field with routing: true "day"/
      ],
      [
        'a list without values',
        'services.yaml',
        'type: string',
        'type: singlevaluelist',
        /^services\.yaml:\d+: services\[1\]\.attributes\[0\]\.values: a singlevaluelist needs values/
      ],
      [
        'free text that routing would see',
        'services.yaml',
        'type: string',
        'type: string\n        routing: true',
        /^services\.yaml:LINE: services\[1\]\.attributes\[0\]\.routing: routing must not see who the person is/
      ],
      [
        'a service code used twice',
        'services.yaml',
        'code: streetlight',
        'code: pothole',
        /^services\.yaml:LINE: services\[1\]\.code: "pothole" is used twice/
      ],
      [
        'a rule without conditions',
        'routes.yaml',
        'when: { form: [streets] }',
        'when: {}',
        /^routes\.yaml:LINE: rules\[0\]\.when: name at least one condition/
      ],
      [
        'a rule that asks who the person is',
        'routes.yaml',
        'when: { form: [streets] }',
        'when: { sender: [mayor] }',
        /^routes\.yaml:LINE: rules\[0\]\.when\.sender: there is no such field/
      ],
      [
        'an id used twice',
        'routes.yaml',
        'id: topic-streets',
        'id: form-streets',
        /^routes\.yaml:LINE: rules\[1\]\.id: "form-streets" is used twice/
      ],
      [
        'a misspelt field',
        'departments.yaml',
        'leaseHours: 24',
        'leasHours: 24',
        /^departments\.yaml:LINE: departments\[0\]\.leasHours: there is no such field/
      ],
      [
        'a missing field',
        'departments.yaml',
        'general: general',
        '',
        /^departments\.yaml:1: general: is missing/
      ],
      [
        'a period of the day that ends before it begins',
        'departments.yaml',
        "friday: ['08:00-12:00']",
        "friday: ['12:00-08:00']",
        /^departments\.yaml:LINE: hours\.friday\[0\]: a period of a day such as 08:00-12:00/
      ],
      [
        'a due period nobody understands',
        'departments.yaml',
        'due: 10 working days',
        'due: soon',
        /^departments\.yaml:LINE: due: a period such as "5 working days"/
      ],
      [
        'an outcome twice in one list',
        'departments.yaml',
        'id: already-known',
        'id: done',
        /^departments\.yaml:LINE: outcomes\[3\]\.id: "done" is used twice/
      ],
      [
        'a time zone that does not exist',
        'departments.yaml',
        'America/Chicago',
        'Chicago',
        /^departments\.yaml:LINE: agency\.timeZone: an IANA time zone/
      ],
      [
        'an e-mail address that is none',
        'departments.yaml',
        'email: hello@willowcreek.example',
        'email: hello',
        /^departments\.yaml:LINE: agency\.email: an e-mail address/
      ],
      [
        'a general department that does not exist',
        'departments.yaml',
        'general: general',
        'general: genral',
        /^departments\.yaml:LINE: general: must be the id of one/
      ],
      [
        'an offered language without sentences',
        'departments.yaml',
        '[en, es]',
        '[en, es, vi]',
        /^departments\.yaml:LINE: agency\.languages\[2\]: there is no locales\/vi\.yaml/
      ],
      [
        'a text missing in the first language',
        'forms/contact.yaml',
        'label: { en: Subject, es: Asunto }',
        'label: { es: Asunto }',
        /^forms\/contact\.yaml:\d+: fields\[1\]\.label: is not given in "en"/
      ],
      [
        'routing on a field that says who the person is',
        'forms/contact.yaml',
        'role: name',
        'role: name\n    routing: true',
        /^forms\/contact\.yaml:LINE: fields\[4\]\.routing: routing must not see who the person is/
      ],
      [
        'a form that makes people say who they are',
        'forms/contact.yaml',
        'role: name',
        'role: name\n    required: true',
        /^forms\/contact\.yaml:LINE: fields\[4\]\.required: nobody has to say who they are/
      ],
      [
        'a choice without options',
        'forms/contact.yaml',
        'type: text\n    role: subject',
        'type: select\n    role: subject',
        /^forms\/contact\.yaml:\d+: fields\[1\]\.options: a select needs options/
      ],
      [
        'a field type that does not exist',
        'forms/contact.yaml',
        'type: tel',
        'type: phone',
        /^forms\/contact\.yaml:LINE: fields\[6\]\.type: Invalid option/
      ],
      [
        'an id of two forms',
        'forms/streets.yaml',
        'id: streets',
        'id: contact',
        /^forms\/streets\.yaml:LINE: id: "contact" is the id of another form too/
      ],
      [
        'a placeholder nothing fills',
        'locales/es.yaml',
        /^page\.skip: .*$/m,
        'page.skip: Ir a {sitio}',
        /^locales\/es\.yaml:\d+: page\.skip: there is no placeholder "sitio"/
      ],
      [
        'a saved reply for an unknown department',
        'replies.yaml',
        'department: streets',
        'department: street',
        /^replies\.yaml:LINE: replies\[3\]\.department: there is no department "street" \(known: general, streets, /
      ],
      [
        'an id of two saved replies',
        'replies.yaml',
        'id: more-information',
        'id: thanks',
        /^replies\.yaml:LINE: replies\[1\]\.id: "thanks" is used twice/
      ],
      [
        'a field of a saved reply that nothing fills',
        'replies.yaml',
        'Your receipt {receipt} brings',
        'Your receipt {code} brings',
        /^replies\.yaml:\d+: replies\[1\]\.text: only these fields are known: \{receipt\} \{department\} \{agency\} \{name\}/
      ],
      [
        'a saved reply that nobody could send',
        'replies.yaml',
        'Dear {name},',
        `Dear {name}, ${'x'.repeat(8_000)}`,
        /^replies\.yaml:\d+: replies\[0\]\.text: at most 8000 characters/
      ],
      [
        'a saved reply without a title',
        'replies.yaml',
        "title: Not the town's",
        "title: ''",
        /^replies\.yaml:LINE: replies\[2\]\.title: must not be empty/
      ],
      [
        'a misspelt field of a saved reply',
        'replies.yaml',
        'department: streets',
        'departmnt: streets',
        /^replies\.yaml:LINE: replies\[3\]\.departmnt: there is no such field/
      ],
      [
        'a saved reply that is missing in the first language',
        'replies.yaml',
        '      en: |\n        Dear {name},\n\n        thank',
        '      fr: |\n        Dear {name},\n\n        thank',
        /^replies\.yaml:\d+: replies\[0\]\.text: is not given in "en"/
      ],
      ['broken YAML', 'routes.yaml', 'rules:', 'rules: [', /^routes\.yaml:\d+: /],
      [
        'a key given twice',
        'departments.yaml',
        'general: general',
        'general: general\ngeneral: streets',
        /^departments\.yaml:\d+: Map keys must be unique/
      ],
      [
        'aliases that grow without bound',
        'locales/es.yaml',
        /^page\.skip: .*$/m,
        `a: &a [${'x,'.repeat(60)}]\nb: &b [${'*a,'.repeat(60)}]\nc: [${'*b,'.repeat(60)}]`,
        /^locales\/es\.yaml:1: Excessive alias count/
      ]
    ]
  test.each(cases)('%s', async (_what, file, from, to, problem) => {
    const line = await edit(file, from, to)
    const expected = new RegExp(problem.source.replace('LINE', String(line)))
    expect(await problems()).toEqual(expect.arrayContaining([expect.stringMatching(expected)]))
  })

  test('all together, whatever file they are in', async () => {
    await edit('routes.yaml', 'version: 1', 'version: []')
    await edit('departments.yaml', 'leaseHours: 24', 'leaseHours: -1')
    await edit('forms/streets.yaml', 'type: radio', 'type: radios')
    await rm(path.join(dir, 'forms/contact.yaml'))
    expect((await problems()).map((problem) => problem.split(':')[0])).toEqual([
      'departments.yaml',
      'routes.yaml',
      'forms/streets.yaml'
    ])
  })

  test('a missing file and a missing front form', async () => {
    await rm(path.join(dir, 'routes.yaml'))
    await rm(path.join(dir, 'forms/contact.yaml'))
    expect(await problems()).toEqual([
      'routes.yaml:1: this file is missing',
      'forms/contact.yaml:1: this form is missing; it is the front page'
    ])
  })
})

test('a file exactly at the size bound is read, one byte more is not', async () => {
  const file = path.join(dir, 'routes.yaml')
  const text = await readFile(file, 'utf8')
  const padding = (bytes: number) => `${text}#${'x'.repeat(bytes - Buffer.byteLength(text) - 1)}`
  await writeFile(file, padding(MAX_FILE_BYTES))
  await expect(loadAgency(dir)).resolves.toBeDefined()
  await writeFile(file, padding(MAX_FILE_BYTES + 1))
  expect(await problems()).toEqual([`routes.yaml:1: larger than ${MAX_FILE_BYTES} bytes`])
})

test('a sentence not yet translated is a warning and falls back to English', async () => {
  await edit('departments.yaml', '[en, es]', '[en, es, vi]')
  await writeFile(path.join(dir, 'locales/vi.yaml'), 'page.skip: Đến nội dung chính\n')
  const agency = await loadAgency(dir)
  expect(agency.locales['vi']).toEqual({ 'page.skip': 'Đến nội dung chính' })
  expect(agency.warnings).toContain('locales/vi.yaml: page.home: not translated; English is shown')
  expect(agency.warnings).toContainEqual(
    expect.stringMatching(/^departments\.yaml:\d+: agency\.name: not translated into "vi"$/)
  )
})

test('an agency that changes one sentence keeps the others that come with the program', async () => {
  await rm(path.join(dir, 'locales'), { recursive: true })
  await cp(path.join(town, 'locales'), path.join(dir, 'locales'), { recursive: true })
  await writeFile(path.join(dir, 'locales/en.yaml'), 'page.home: Write to us\n')
  const { locales } = await loadAgency(dir)
  expect(locales['en']).toMatchObject({
    'page.home': 'Write to us',
    'page.skip': 'Skip to main content'
  })
})

test('a change is loaded by itself, a wrong one is reported and changes nothing', async () => {
  const news = listen()
  const watcher = watchAgency(dir, news.changed, news.failed)
  try {
    await edit('departments.yaml', 'hello@willowcreek.example', 'info@willowcreek.example')
    expect(await news.next()).toMatchObject({
      departments: { agency: { email: 'info@willowcreek.example' } }
    })
    await edit('routes.yaml', 'version: 1', 'versoin: 1')
    expect(await news.next()).toBeInstanceOf(ConfigError)
    await edit('routes.yaml', 'versoin: 1', 'version: 2')
    expect(await news.next()).toMatchObject({ routes: { version: '2' } })
  } finally {
    watcher.stop()
  }
})

/** What the watcher says, one by one in its order. */
function listen() {
  const said: (Agency | unknown)[] = []
  let waiting: ((value: unknown) => void) | undefined
  const say = (value: unknown) => {
    if (waiting) waiting(value)
    else said.push(value)
    waiting = undefined
  }
  const next = () =>
    said.length > 0
      ? Promise.resolve(said.shift())
      : new Promise((resolve) => {
          waiting = resolve
        })
  return { changed: say as (agency: Agency) => void, failed: say, next }
}
