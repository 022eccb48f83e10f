import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { openGraph, type Graph } from '../../../helpers/graph.ts'
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

const at = (second: number) => new Date(Date.UTC(2026, 11, 1, 8, 0, second))

/** Puts mails there, each a second after the one before. */
function deliver(...numbers: number[]): string[] {
  return numbers.map((number) => graph.folders.deliver(lyingMail(number), { received: at(number) }))
}

async function pull(own: object = {}, environment: Record<string, string> = {}): Promise<void> {
  agency = await openGraphAgency(graph, own, environment)
  await agency.again()
}

const order = async () => (await agency.contacts()).map(({ evidence }) => evidence['graphId'])
const asked = (what: RegExp) => graph.asked.filter((one) => what.test(one))

describe('a mailbox at Microsoft 365', () => {
  test('is taken in, oldest first, and only read', async () => {
    const [third, first, second] = deliver(3, 1, 2)
    await pull()
    const found = await agency.taken(3)
    expect(await order()).toEqual([first, second, third])
    expect(found[0]).toMatchObject({
      source: 'mailbox',
      evidence: { mailbox: 'hello', graphId: first, providerTime: at(1).toISOString() },
      recipients: ['hello@willowcreek.example']
    })
    expect(await agency.looked()).toMatchObject({ waiting: 0, passedOver: 0, failure: null })
    expect(graph.asked.filter((one) => !/^GET |^POST .*\/token$/.test(one))).toEqual([])
  })

  test('of many pages is taken in the order in which mail came', async () => {
    const ids = deliver(...Array.from({ length: 450 }, (_, index) => index + 1))
    await pull()
    await agency.taken(450)
    expect(await order()).toEqual(ids)
    expect(asked(/delta/)).toHaveLength(3)
  })

  test('is asked for what is new only, and takes none twice', async () => {
    const [first] = deliver(1)
    await pull()
    await agency.looked()
    graph.folders.change(first!)
    deliver(2)
    await agency.again()
    await agency.looked()
    expect(await agency.contacts()).toHaveLength(2)
    expect(asked(/delta\?\$deltatoken/)).toHaveLength(1)
    expect(asked(/\$value/)).toHaveLength(2)
  })

  test('a mail that comes without its time is asked for it', async () => {
    await pull()
    await agency.looked()
    const [changed] = deliver(2)
    graph.folders.change(changed!)
    deliver(1)
    await agency.again()
    await agency.taken(2)
    expect((await agency.contacts()).map(({ evidence }) => evidence['providerTime'])).toEqual(
      [at(1), at(2)].map((date) => date.toISOString())
    )
  })

  test('a mail put in with a time long ago stands before none that was told of', async () => {
    const [known] = deliver(2)
    graph.trouble = (question) => (question.includes('$value') ? { status: 500 } : undefined)
    await pull()
    await until(async () => (await agency.state())?.failure ?? false)
    await agency.stop()
    const [late] = deliver(1)
    graph.trouble = () => undefined
    await agency.again()
    await agency.taken(2)
    expect(await order()).toEqual([known, late])
  })

  test('of which Graph forgot how far we came is listed anew, and nothing taken twice', async () => {
    deliver(1, 2)
    await pull()
    await agency.looked()
    graph.folders.forget()
    deliver(3)
    await agency.again()
    await agency.taken(3)
    await agency.looked()
    expect(await agency.contacts()).toHaveLength(3)
    expect(asked(/\$value/)).toHaveLength(3)
  })

  test('that is forgotten in the middle of a list is listed anew', async () => {
    deliver(...Array.from({ length: 250 }, (_, index) => index + 1))
    let forgotten = false
    graph.trouble = (question) => {
      if (question.includes('$skiptoken') && !forgotten) {
        forgotten = true
        graph.folders.forget()
        return { status: 400, body: JSON.stringify({ error: { code: 'syncStateNotFound' } }) }
      }
      return undefined
    }
    await pull()
    await agency.taken(250)
    expect(new Set(await order()).size).toBe(250)
  })

  test('a mail that is taken away before its turn is not waited for', async () => {
    const [first, gone, last] = deliver(1, 2, 3)
    graph.trouble = (question) => {
      if (question.includes(`${first}/$value`)) graph.folders.remove(gone!)
      return undefined
    }
    await pull()
    expect(await agency.looked()).toMatchObject({ waiting: 0, passedOver: 0 })
    expect(await order()).toEqual([first, last])
  })

  test('mail from before its day is left alone, until another day is named', async () => {
    graph.folders.deliver(lyingMail(1), { received: new Date('2026-11-29T08:00:00Z') })
    deliver(2)
    await pull({ since: '2026-12-01' })
    await agency.looked()
    expect(await agency.contacts()).toHaveLength(1)
    await agency.again({ since: '2026-11-01' })
    await agency.taken(2)
  })

  test('is looked into where its folder is named, also inside another', async () => {
    graph.folders.addFolder('f1', "Town's mail")
    graph.folders.addFolder('f2', 'Permits', 'f1')
    deliver(1)
    const inner = graph.folders.deliver(lyingMail(2), { folder: 'f2' })
    await pull({ folder: "Town's mail/Permits" })
    await agency.looked()
    expect(await order()).toEqual([inner])
  })
})

describe('a token', () => {
  test('is asked for once, by client credentials for this cloud', async () => {
    deliver(1, 2, 3)
    await pull()
    await agency.looked()
    expect(graph.askedForTokens).toEqual([
      {
        grant_type: 'client_credentials',
        client_id: '11111111-2222-3333-4444-555555555555',
        client_secret: 'kept',
        scope: `${graph.url}/.default`
      }
    ])
  })

  test('that ends within five minutes is renewed before each question', async () => {
    graph.lifetime = 299
    deliver(1)
    await pull()
    await agency.looked()
    expect(graph.askedForTokens.length).toBe(asked(/^GET/).length)
  })

  test('that is not taken any more is renewed once', async () => {
    deliver(1, 2)
    let revoked = false
    graph.trouble = (question) => {
      if (question.includes('$value') && !revoked) {
        revoked = true
        graph.revoke()
      }
      return undefined
    }
    await pull()
    expect(await agency.looked()).toMatchObject({ failure: null })
    expect(await agency.contacts()).toHaveLength(2)
    expect(graph.askedForTokens).toHaveLength(2)
  })
})

describe('a mail', () => {
  const head = lyingMail(1, { body: '' })
  const ofSize = (bytes: number) => head + 'a'.repeat(bytes - head.length)
  const LIMIT = 1_500_000

  test.each([true, false])('of the largest size is taken whole (length said: %p)', async (says) => {
    graph.saysLength = says
    graph.folders.deliver(ofSize(LIMIT))
    await pull({}, { SMTP_MAX_BYTES: String(LIMIT) })
    const [taken] = await agency.taken(1)
    expect(taken!.bytes).toBe(LIMIT)
    expect(taken!.evidence).not.toHaveProperty('quarantine')
  })

  test.each([true, false])(
    'one byte larger waits for a person with its start, and the next go on (length said: %p)',
    async (says) => {
      graph.saysLength = says
      graph.folders.deliver(ofSize(LIMIT + 1), { received: at(1) })
      deliver(2)
      await pull({}, { SMTP_MAX_BYTES: String(LIMIT) })
      const [large, next] = await agency.taken(2)
      expect(large!.evidence['quarantine']).toMatch(
        says
          ? /^The mail has 1500001 bytes, more than are taken in.*lies in the mailbox hello/
          : /^The mail has (?:1500001|over 1500000) bytes, more/
      )
      expect(large!.bytes).toBe(1024 ** 2)
      expect(next!.evidence).not.toHaveProperty('quarantine')
    }
  )
})
