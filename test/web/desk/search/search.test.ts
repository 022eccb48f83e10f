import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { indexDue } from '../../../../core/search/index-due.ts'
import { searchCases, type SearchFilter } from '../../../../core/search/search.ts'
import { stand, town, type Stood } from '../../../helpers/contacts.ts'
import { openSite, Visitor, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'
import { until } from '../../../helpers/until.ts'

let site: Site
let rosa: Stood
let letter: Stood
let water: Stood
beforeAll(async () => {
  site = await openSite()
  rosa = await stand(site.runtime, {
    subject: 'Broken swing at Cottonwood Park',
    text: 'The chain of the left swing is broken near the top. There are two potholes by the gate, too.',
    from: 'rosa.delgado-nunez@mail.example',
    sender: { name: 'Rosa Delgado Núñez', phones: ['+15125550143'] }
  })
  letter = await stand(site.runtime, {
    channel: 'postal',
    language: 'es',
    text: 'Adjunto la solicitud firmada.',
    sender: { name: 'Tomás Okafor', addresses: ['14 Cedar Court, Willow Creek'] },
    documents: [
      {
        name: 'solicitud.pdf',
        mediaType: 'application/pdf',
        bytes: 1000,
        sha256: 'a'.repeat(64),
        pages: 1,
        text: 'Pido permiso para las obras de la biblioteca. The word xylograph stands here.'
      }
    ]
  })
  water = await stand(site.runtime, {
    to: town('water'),
    text: 'No water comes out of our tap on Birch Lane.',
    sender: { name: 'Ana Whitfield' }
  })
})
afterAll(() => site.close())

const search = (typed: string, filter: SearchFilter = {}) =>
  searchCases(site.runtime.db, typed, { languages: ['en', 'es'], ...filter })
const found = async (typed: string, filter: SearchFilter = {}) =>
  (await search(typed, filter)).hits.map(({ caseId }) => caseId)

describe('a case is found by', () => {
  test.each([
    ['its receipt', () => rosa.receipt, () => rosa],
    ['its receipt in small letters without hyphens', () => plain(rosa.receipt), () => rosa],
    ['the first group of its receipt', () => rosa.receipt.slice(0, 6), () => rosa],
    ['a name', () => 'Delgado', () => rosa],
    ['a name without its accents', () => 'nunez', () => rosa],
    ['a mail address', () => 'rosa.delgado-nunez@mail.example', () => rosa],
    ['a part of a mail address', () => 'delgado', () => rosa],
    ['a phone number as people write it', () => '(512) 555-0143', () => rosa],
    ['a phone number without its area code', () => '555 0143', () => rosa],
    ['words of its subject', () => 'cottonwood swing', () => rosa],
    ['another form of a word', () => 'pothole', () => rosa],
    ['words that stand together', () => '"left swing"', () => rosa],
    ['words of a document', () => 'xylograph', () => letter],
    ['another form of a word in another language', () => 'bibliotecas permisos', () => letter],
    ["a document's name", () => 'solicitud.pdf', () => letter],
    ['a postal address', () => 'cedar court', () => letter],
    ['a name spelled wrong', () => 'Okafro', () => letter],
    ['a subject spelled wrong', () => 'Cotonwood', () => rosa]
  ])('%s', async (_, typed, stood) => {
    expect(await found(typed())).toEqual([stood().caseId])
  })

  test('its outcome, and reading again finds what is new', async () => {
    const taken = await stand(site.runtime, { to: town('streets'), text: 'A lamp is dark.' })
    expect(await found('lamplighter')).toEqual([])
    const actor = 'staff:00000000-0000-4000-8000-000000000001'
    const next = { department: 'streets', actor, leaseSeconds: 60, mostHeld: 3 }
    await site.runtime.line.takeNext(next)
    await site.runtime.line.close(taken.caseId, actor, 'The lamplighter went there')
    expect(await found('lamplighter')).toEqual([taken.caseId])
    expect((await search('lamplighter')).hits[0]).toMatchObject({
      state: 'closed',
      outcome: 'The lamplighter went there'
    })
  })
})

test('nothing is found by what is not there, and words that must not be there leave a case out', async () => {
  expect(await found('zeppelin')).toEqual([])
  expect(await found('swing -chain')).toEqual([])
  expect(await found('"swing left"')).toEqual([])
  for (const typed of ['!!!', '-', '"'])
    expect(await search(typed)).toMatchObject({ hits: [], nothingAsked: true })
  for (const typed of ['', '   ', '!!!', '\0', '-', '"', 'a'.repeat(5_000), "';--"])
    await expect(search(typed)).resolves.toMatchObject({ hits: [] })
})

test('a sign such as an emoji is found, alone, with words, and not by another sign', async () => {
  const stood = await stand(site.runtime, {
    to: town('water'),
    subject: 'Thank you \u{1F600}',
    text: 'The valve hums \u2764\uFE0F no more.'
  })
  for (const typed of ['\u{1F600}', '\u2764', '\u2764\uFE0F', 'valve \u{1F600}'])
    expect(await found(typed)).toEqual([stood.caseId])
  for (const typed of ['\u{1F601}', 'zebra \u{1F600}']) expect(await found(typed)).toEqual([])
})

test('filters leave out the rest', async () => {
  expect(await found('swing', { channel: 'postal' })).toEqual([])
  expect(await found('swing', { state: 'closed' })).toEqual([])
  expect(await found('swing', { departments: ['water'] })).toEqual([])
  expect(await found(rosa.receipt, { departments: ['water'] })).toEqual([])
  expect(await found('Okafro', { departments: ['water'] })).toEqual([])
  const hour = 3_600_000
  expect(await found('swing', { from: new Date(Date.now() + hour) })).toEqual([])
  expect(await found('swing', { before: new Date(Date.now() - hour) })).toEqual([])
  expect(await found('swing', { from: new Date(Date.now() - hour) })).toEqual([rosa.caseId])
})

test('a document of a thousand pages is found by its last words, and the index stays within its bounds', async () => {
  const text = `${'The minutes of the meeting were read. '.repeat(60_000)} quetzalcoatl`
  const long = await stand(site.runtime, {
    to: town('water'),
    text: 'See the minutes.',
    documents: [
      {
        name: 'minutes.pdf',
        mediaType: 'application/pdf',
        bytes: 1,
        sha256: 'b'.repeat(64),
        pages: 900,
        text
      }
    ]
  })
  expect(await found('quetzalcoatl')).toEqual([long.caseId])
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from search_entries
    where contact_id = ${long.contactId}`.execute(site.runtime.db)
  expect(rows[0]!.n).toBe(
    Math.ceil((text.length + 'See the minutes. minutes.pdf '.length) / 100_000)
  )
})

test('what is due is indexed once, however many do it at the same time', async () => {
  await site.runtime.db.deleteFrom('search_entries').execute()
  await sql`insert into search_due (source, source_id) select 'contact', id from contacts
    where envelope is not null`.execute(site.runtime.db)
  const done = await Promise.all([1, 2, 3].map(() => indexDue(site.runtime.db, 2)))
  expect(done.every((count) => count <= 2)).toBe(true)
  while ((await indexDue(site.runtime.db, 2)) > 0);
  expect(await found('swing')).toEqual([rosa.caseId])
})

describe('on the desk', () => {
  const ask = async (who: SignedIn, fields: Record<string, string>) =>
    who.post('/desk/search', { _csrf: (await who.get('/desk/search')).input('_csrf'), ...fields })

  test('an agent finds by a receipt what the caller reads out, and nothing of other departments', async () => {
    const agent = await signIn(site, 'agent', ['parks'])
    const page = await ask(agent, { q: rosa.receipt })
    expect(page.text).toContain(`href="/desk/cases/${rosa.caseId}"`)
    expect(page.text).toContain('Broken swing at Cottonwood Park')
    expect((await agent.get(`/desk/cases/${rosa.caseId}`)).status).toBe(200)
    for (const fields of [
      { q: 'Birch' },
      { q: 'Birch', department: 'water' },
      { q: water.receipt }
    ])
      expect((await ask(agent, fields)).text).toContain('Nothing was found')
    const supervisor = await signIn(site, 'supervisor')
    expect((await ask(supervisor, { q: 'Birch', department: 'water' })).text).toContain(
      'Birch Lane'
    )
  })

  test('every page of the desk has the field', async () => {
    const agent = await signIn(site, 'agent', ['parks'])
    expect((await agent.get('/desk')).text).toMatch(/action="\/desk\/search"[^]*name="q"/)
  })

  test('it never offers to take, and is in the access log without its words', async () => {
    const agent = await signIn(site, 'agent', ['parks'])
    const page = await ask(agent, { q: 'swing' })
    expect(page.text).not.toMatch(/\/take"|Take next/)
    const logged = () =>
      sql<{ what: string; target: string | null }>`select what, target from access_log
        where actor = ${`staff:${agent.staff.id}`}`.execute(site.runtime.db)
    await until(async () => (await logged()).rows.length > 0)
    expect((await logged()).rows).toEqual([{ what: 'search.cases', target: null }])
  })

  test('days are those of the agency, and words come back escaped', async () => {
    const agent = await signIn(site, 'agent', ['parks'])
    const page = await ask(agent, { q: 'swing', to: '2001-01-01' })
    expect(page.text).toContain('Nothing was found')
    expect((await ask(agent, { q: '"><script>' })).text).not.toContain('"><script>')
    expect((await ask(agent, { q: 'swing', from: 'tomorrow' })).status).toBe(200)
  })

  test('a stranger signs in first', async () => {
    expect((await new Visitor(site.url).get('/desk/search')).status).not.toBe(200)
  })
})

function plain(receipt: string): string {
  return receipt.toLowerCase().replaceAll('-', '')
}
