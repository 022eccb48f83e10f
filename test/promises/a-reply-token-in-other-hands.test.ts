/**
 * Whoever has the Reply-To of somebody's mail (it was passed on, the mailbox is shared) can add
 * words to that case and nothing else: real mails in, real mails out, the pages that staff and
 * residents see.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { channels } from '../../channels/index.ts'
import { askForCode } from '../../core/verification/codes.ts'
import { contactRow, emptyLine } from '../helpers/contacts.ts'
import { openDispatcher } from '../helpers/dispatcher.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'
import { openSite, Visitor, type Site } from '../helpers/site.ts'
import { signIn } from '../helpers/staff.ts'

let site: Site
let pipeline: Pipeline
beforeAll(async () => {
  site = await openSite()
  pipeline = openPipeline(site.runtime)
})
afterAll(async () => {
  await pipeline.close()
  await site.close()
})

interface MailHeader extends Readonly<Record<string, string>> {
  readonly From: string
  readonly To: string
}

interface Written {
  readonly contactId: string
  readonly receipt: string
  readonly outcome: string | null
  readonly caseId: string | null
}

/** Takes a mail all the way, and sends what is due to its writer. */
async function write(header: MailHeader, text: string = crypto.randomUUID()): Promise<Written> {
  const fields = { 'Message-ID': `<${crypto.randomUUID()}@people.example>`, ...header }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const { contactId, receipt } = await site.runtime.acceptor.accept({
    channel: 'email',
    source: 'smtp',
    mediaType: 'message/rfc822',
    recipients: [header.To],
    evidence: { mailFrom: /[^<\s]+@[^>\s]+/.exec(header.From)![0] },
    bytes: Buffer.from(`${lines.join('')}\r\n${text}\r\n`)
  })
  await pipeline.run([contactId])
  await openDispatcher(site.runtime, channels).acknowledge([contactId])
  const { outcome, case_id: caseId } = await contactRow(site.runtime, contactId)
  return { contactId, receipt, outcome, caseId }
}

const secretWords = 'my neighbor keeps an ocelot'
/** Mails that went to an address. */
function sentTo(address: string): string[] {
  const folder = path.join(site.runtime.settings.DATA_DIR, 'outbox')
  return readdirSync(folder)
    .map((name) => readFileSync(path.join(folder, name), 'utf8').replace(/\r\n[ \t]+/g, ' '))
    .filter((mail) => new RegExp(`^To:.*${address}`, 'im').test(mail))
}
const headerOf = (mail: string, name: string) =>
  new RegExp(`^${name}: (.*?)\\s*$`, 'im').exec(mail)![1]!

let round = 0
let rosa: Written & { readonly address: string; readonly replyTo: string; readonly ourId: string }
let eve: string
beforeEach(async () => {
  await emptyLine(site.runtime, 'streets')
  round += 1
  const address = `rosa${round}@people.example`
  eve = `eve${round}@evil.example`
  const written = await write(
    {
      From: `Rosa Delgado <${address}>`,
      To: 'streets@willowcreek.example',
      Subject: 'Cat in Elm Street'
    },
    `${secretWords} ${crypto.randomUUID()}`
  )
  const [told] = sentTo(address)
  rosa = {
    ...written,
    address,
    replyTo: headerOf(told!, 'Reply-To').replace(/^.*<|>$/g, ''),
    ourId: headerOf(told!, 'Message-ID')
  }
})

const joined = () => ({ outcome: 'follow-up', caseId: rosa.caseId })
const asEve = (to: string, more: Readonly<Record<string, string>> = {}) =>
  write({ From: `Eve Moss <${eve}>`, To: to, Subject: 'Re: Cat', ...more })

describe('a stranger who writes with the token', () => {
  test.each([
    ['to the address it names', () => asEve(rosa.replyTo)],
    [
      'in answer to our message, which was sent on to them',
      () => asEve('hello@willowcreek.example', { 'In-Reply-To': rosa.ourId })
    ],
    [
      'in a conversation that our message began',
      () => asEve('hello@willowcreek.example', { References: `${rosa.ourId} <x@people.example>` })
    ]
  ])('%s adds to that case and hears nothing', async (_, send) => {
    const written = await send()
    expect(written).toMatchObject(joined())
    expect(sentTo(eve)).toEqual([])
    expect(sentTo(rosa.address)).toHaveLength(1)
  })

  test('is seen by staff under their own address, which a reply takes only if a person chooses it', async () => {
    await asEve(rosa.replyTo)
    const agent = await signIn(site, 'agent', ['streets'])
    const token = (await agent.get('/desk')).input('_csrf')
    const taken = await agent.post('/desk/departments/streets/take', { _csrf: token })
    const { text } = await agent.get(taken.headers.get('location')!)
    expect(text).toMatch(new RegExp(`value="mail ${rosa.address}" selected`))
    expect(text).toMatch(
      new RegExp(`value="mail ${eve}">[^<]*\\(given in a later message by Eve Moss\\)`)
    )
  })

  test('who takes the name and address of the first writer gets no mail by a Reply-To of their own', async () => {
    const written = await write({
      From: `Rosa Delgado <${rosa.address}>`,
      To: rosa.replyTo,
      'Reply-To': eve,
      Subject: 'Re: Cat'
    })
    expect(written).toMatchObject(joined())
    expect(sentTo(eve)).toEqual([])
    const { envelope } = await contactRow(site.runtime, written.contactId)
    expect(envelope!.sender.emails).toEqual([rosa.address])
  })

  test('reads no word of the case with the receipt that the token holds, and is sent no code', async () => {
    await asEve(rosa.replyTo)
    const visitor = new Visitor(site.url)
    const page = await visitor.get(`/r/${rosa.receipt}`)
    expect(page.status).toBe(200)
    for (const hidden of ['ocelot', 'Cat in Elm', 'Rosa', rosa.address, 'Moss', eve])
      expect(page.text).not.toContain(hidden)
    const asked = await askForCode(site.runtime, {
      contactId: rosa.contactId,
      purpose: 'answer',
      way: 'mail',
      address: eve,
      language: 'en'
    })
    expect(asked).toBe('spent')
  })
})

describe('what is no token of ours grants nothing', () => {
  const parts = () => {
    const [, token = '', domain = ''] = /^reply\+(.*)@(.*)$/.exec(rosa.replyTo)!
    const [receipt = '', mac = ''] = token.split('.')
    return { token, domain, receipt, mac }
  }
  type Parts = ReturnType<typeof parts>
  const otherLetter = (text: string) => (text.startsWith('a') ? 'b' : 'a') + text.slice(1)

  test.each([
    ['another letter', ({ receipt, mac }: Parts) => `${receipt}.${otherLetter(mac)}`],
    ['another receipt', ({ receipt, mac }: Parts) => `${otherLetter(receipt)}.${mac}`],
    ['cut off', ({ token }: Parts) => token.slice(0, -1)],
    ['cut at its beginning', ({ token }: Parts) => token.slice(1)],
    ['without its signature', ({ receipt }: Parts) => receipt],
    ['with one letter more', ({ token }: Parts) => `${token}a`],
    ['with one part more', ({ token }: Parts) => `${token}.a`],
    ['with its point percent-encoded', ({ token }: Parts) => token.replace('.', '%2E')],
    [
      'with a letter percent-encoded',
      ({ token }: Parts) => `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`
    ]
  ])('%s', async (_, alter) => {
    const all = parts()
    const written = await asEve(`reply+${alter(all)}@${all.domain}`)
    expect(written.outcome).toBe('case')
    expect(written.caseId).not.toBe(rosa.caseId)
  })

  test('in capitals it is the same: mail systems change them', async () => {
    expect(await asEve(rosa.replyTo.toUpperCase())).toMatchObject(joined())
  })

  test('a case or a receipt in a subject or in words opens a case of its own, told of itself alone', async () => {
    const named = `${rosa.receipt} ${rosa.caseId}`
    const written = await write(
      {
        From: `Eve Moss <${eve}>`,
        To: 'streets@willowcreek.example',
        Subject: `Re: [${named}] Cat`
      },
      `This is about ${named}, and <${rosa.replyTo}>, and ${rosa.ourId}. ${crypto.randomUUID()}`
    )
    expect(written.outcome).toBe('case')
    expect(written.caseId).not.toBe(rosa.caseId)
    const [told, ...more] = sentTo(eve)
    expect(more).toEqual([])
    expect(told).toContain(written.receipt)
    for (const hidden of ['ocelot', 'Elm Street', 'Rosa']) expect(told).not.toContain(hidden)
  })
})
