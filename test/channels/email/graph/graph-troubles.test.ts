import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { openGraph, type Graph, type Trouble } from '../../../helpers/graph.ts'
import { openGraphAgency, type GraphAgency } from '../../../helpers/graph-agency.ts'
import { lyingMail } from '../../../helpers/mailboxes.ts'
import { until } from '../../../helpers/until.ts'

let graph: Graph
let agency: GraphAgency
beforeEach(async () => {
  graph = await openGraph()
})
afterEach(async () => {
  await agency.remove()
  await graph.close()
})

/** Puts mails there and pulls them. */
async function pull(count: number, own: object = {}, secret?: string): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) =>
    graph.folders.deliver(lyingMail(index + 1), {
      received: new Date(1_800_000_000_000 + index * 1000)
    })
  )
  agency = await openGraphAgency(
    graph,
    own,
    secret === undefined ? {} : { MAILBOX_HELLO_CLIENT_SECRET: secret }
  )
  await agency.again()
  return ids
}

/** The first questions that match go wrong. */
function troubleWith(what: RegExp, ...troubles: Trouble[]): void {
  graph.trouble = (question) => (what.test(question) ? troubles.shift() : undefined)
}

const refused = (status: number, code: string): Trouble => ({
  status,
  body: JSON.stringify({ error: { code, message: '' } })
})
const order = async () => (await agency.contacts()).map(({ evidence }) => evidence['graphId'])
const failure = () => until(async () => (await agency.state())?.failure ?? false)

describe('Graph', () => {
  const soon = { 'retry-after': '1' }
  const thisMoment = { 'retry-after': new Date().toUTCString() }

  test.each([
    ['a list', /delta/, { status: 429, headers: soon }],
    ['a mail', /value/, { status: 429, headers: soon }],
    ['a mail, with a date', /value/, { status: 429, headers: thisMoment }],
    ['a mail, by 503', /value/, { status: 503, headers: soon }],
    ['a mail, saying no time', /value/, { status: 429 }],
    ['a token', /token$/, { status: 429, headers: soon }]
  ])('asks to be left alone at %s: asked again then, and no failure', async (_, what, trouble) => {
    troubleWith(what, trouble)
    const ids = await pull(3)
    await agency.taken(3)
    expect(await order()).toEqual(ids)
    expect(await agency.looked()).toMatchObject({ failure: null, passedOver: 0 })
  })

  test('that goes on asking to be left alone is said', async () => {
    graph.trouble = () => ({ status: 429, headers: { 'retry-after': '0' } })
    await pull(1)
    expect(await failure()).toMatch(/asks to be left alone/)
  })

  test.each([
    ['has an error at a list', /delta/, { status: 502 }],
    ['has an error at a mail', /value/, { status: 504 }],
    ['breaks off in a list', /delta/, { breakAfter: 20 }],
    ['breaks off in a mail', /value/, { breakAfter: 100 }]
  ])('that %s is asked again, and every mail is whole', async (_, what, trouble) => {
    troubleWith(what, trouble)
    const ids = await pull(2)
    const taken = await agency.taken(2)
    expect(await order()).toEqual(ids)
    expect(taken.map((one) => one.bytes)).toEqual([1, 2].map((n) => lyingMail(n).length))
    expect(await failure()).toMatch(/cannot be reached, or the connection broke/)
  })

  test('that breaks off a mail of which it says no length is not believed', async () => {
    graph.saysLength = false
    troubleWith(/value/, { breakAfter: 100 })
    await pull(1)
    const [taken] = await agency.taken(1)
    expect(taken!.bytes).toBe(lyingMail(1).length)
  })

  test.each([
    ['app', () => refused(403, 'ErrorAccessDenied'), /permission Mail\.Read/],
    ['user', () => refused(404, 'ErrorInvalidUser'), /knows no such mailbox/],
    ['user has no mailbox', () => refused(404, 'MailboxNotEnabledForRESTAPI'), /no such mailbox/],
    ['folder', () => refused(404, 'ErrorItemNotFound'), /does not open the folder/],
    ['token', () => refused(401, 'InvalidAuthenticationToken'), /does not take the sign-in/],
    ['answer', () => ({ body: '<html>a proxy</html>' }), /not understood/]
  ])('that does not take the %s says so', async (_, trouble, sentence) => {
    graph.trouble = (question) => (question.includes('/mailFolders/') ? trouble() : undefined)
    await pull(1)
    expect(await failure()).toMatch(sentence)
    expect(await agency.contacts()).toEqual([])
  })

  test('that does not know the folder by its name says so', async () => {
    await pull(1, { folder: 'Permits' })
    expect(await failure()).toMatch(/does not open the folder.*none of this name/)
  })
})

describe('the token service', () => {
  test('that does not take the secret is said with its number', async () => {
    await pull(1, {}, 'another')
    expect(await failure()).toMatch(/gave no token.*HTTP 401 invalid_client AADSTS7000215/)
  })

  test('a secret that is not set is named', async () => {
    await pull(1, {}, '')
    expect(await failure()).toMatch(/MAILBOX_HELLO_CLIENT_SECRET/)
    expect(graph.asked).toEqual([])
  })
})

describe('one bad message', () => {
  test.each([
    ['cannot be converted', refused(400, 'ErrorMimeContentConversionFailed')],
    ['is always an error', { status: 500 }],
    ['is empty', { status: 200, body: '' }]
  ])('that %s is passed over, said, and the next ones go on', async (_, trouble) => {
    graph.trouble = (question) => (question.includes('/1=/$value') ? trouble : undefined)
    const [, second] = await pull(2)
    await agency.taken(1)
    expect(await order()).toEqual([second])
    expect(await agency.looked()).toMatchObject({ waiting: 1, passedOver: 1 })
    await agency.again()
    await agency.looked()
    expect(graph.asked.filter((one) => one.includes('/1=/$value'))).toHaveLength(3)
  })
})

describe('a link that leads on', () => {
  const withLink = (link: string): Trouble => ({
    body: JSON.stringify({ value: [], '@odata.deltaLink': link })
  })
  const ofLength = (length: number) => {
    const start = `${graph.url}/v1.0/users/delta?$deltatoken=`
    return start + 'a'.repeat(length - start.length)
  }

  test('is kept up to its longest', async () => {
    troubleWith(/delta/, withLink(ofLength(8_000)))
    await pull(1)
    expect(await agency.looked()).toMatchObject({ failure: null })
  })

  test('longer than that is refused', async () => {
    troubleWith(/delta/, withLink(ofLength(8_001)))
    await pull(1)
    expect(await failure()).toMatch(/not understood/)
  })

  test('to another server gets no token', async () => {
    const other = await openGraph()
    troubleWith(/delta/, withLink(`${other.url}/v1.0/delta`))
    await pull(1)
    expect(await failure()).toMatch(/a link to another server/)
    await agency.taken(1)
    expect(other.asked).toEqual([])
    await other.close()
  })
})
