import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { channels } from '../../../../channels/index.ts'
import { SURE } from '../../../../core/documents/reader/sure-words.ts'
import type { Word } from '../../../../core/documents/types.ts'
import { packWords } from '../../../../core/documents/words.ts'
import { letterPng, scanPdf, textPdf } from '../../../core/documents/fixtures.ts'
import {
  findBarriers,
  openBrowser,
  overflows,
  sizes,
  watchComplaints
} from '../../../helpers/browser.ts'
import { contactRow } from '../../../helpers/contacts.ts'
import { mailWith, type MailFile } from '../../../helpers/mail.ts'
import { openPipeline, type Pipeline } from '../../../helpers/pipeline.ts'
import { openSite, Visitor, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

const email = channels.find(({ kind }) => kind === 'email')!

let site: Site
let pipeline: Pipeline
let browser: Browser
let agent: SignedIn
beforeAll(async () => {
  site = await openSite()
  pipeline = openPipeline(site.runtime)
  browser = await openBrowser()
  agent = await signIn(site, 'agent', ['parks'])
})
afterAll(async () => {
  await browser.close()
  await pipeline.close()
  await site.close()
})

/** The address of the case of a mail with these files. */
async function caseWith(
  text: string,
  ...files: MailFile[]
): Promise<{ path: string; base: string }> {
  const { contactId } = await site.runtime.acceptor.accept(
    email.fromFile('mail.eml', await mailWith(text, files), site.runtime.agency())
  )
  await pipeline.run([contactId])
  const path = `/desk/cases/${(await contactRow(site.runtime, contactId)).case_id}`
  return { path, base: `${path}/contacts/${contactId}/documents` }
}

const pdf = (bytes: Uint8Array, name = 'scan.pdf'): MailFile => ({
  name,
  type: 'application/pdf',
  bytes
})

describe('a scan on the page of its case', () => {
  let at: { path: string; base: string }
  beforeAll(async () => {
    at = await caseWith('', pdf(await scanPdf([await letterPng(), await letterPng(180)])))
  })

  test("shows each page's picture beside its text, and leads to the original and the searchable copy", async () => {
    const { text, status } = await agent.get(at.path)
    expect(status).toBe(200)
    for (const part of [
      'The first 2 pages beside their text',
      `src="${at.base}/0/pages/1"`,
      'alt="Page 2 of scan.pdf; opens in full size"',
      'street lamp outside',
      `href="${at.base}/0/copy"`,
      `href="${at.base}/0"`
    ])
      expect(text).toContain(part)
  })

  test('pictures are shown as pictures, files are handed over and never opened', async () => {
    const picture = await agent.get(`${at.base}/0/pages/1`)
    expect([
      picture.status,
      picture.headers.get('content-type'),
      picture.headers.get('x-content-type-options')
    ]).toEqual([200, 'image/jpeg', 'nosniff'])
    const copy = await agent.get(`${at.base}/0/copy`)
    expect([copy.headers.get('content-type'), copy.headers.get('content-disposition')]).toEqual([
      'application/pdf',
      'attachment; filename=scan.searchable.pdf'
    ])
    expect((await agent.get(`${at.base}/0`)).headers.get('content-disposition')).toBe(
      'attachment; filename=scan.pdf'
    )
  })

  test('nobody of another department, and no signed-out visitor, gets any of it', async () => {
    const other = await signIn(site, 'agent', ['water'])
    for (const part of ['', '/copy', '/pages', '/pages/1']) {
      expect((await other.get(`${at.base}/0${part}`)).status).toBe(404)
      expect((await new Visitor(site.url).get(`${at.base}/0${part}`)).status).toBe(303)
    }
  })

  test.each([
    '/1/pages',
    '/0/pages?from=0',
    '/0/pages?from=3',
    '/0/pages/3',
    '/0/pages/x',
    '/9/copy',
    '/0/pages/100000'
  ])('%s is not there', async (part) => {
    expect((await agent.get(at.base + part)).status).toBe(404)
  })
})

test('a long document has a page of its own, twenty pages at a time', async () => {
  const { path, base } = await caseWith(
    'See the report.',
    pdf(await (await textPdf(23)).save(), 'report.pdf')
  )
  expect((await agent.get(path)).text).toContain('All 23 pages')
  const first = await agent.get(`${base}/0/pages`)
  expect(first.text).toContain('Pages 1 to 20 of 23')
  const next = await agent.get(`${base}/0/pages?from=21`)
  expect(next.text).toContain('Page 23 of 23')
  expect(next.text).not.toContain('Next pages')
})

test('a page that was read unsurely says so, and words in doubt are marked for eyes and ears', async () => {
  const { path, base } = await caseWith('My letter is attached.', {
    name: 'letter.png',
    type: 'image/png',
    bytes: await letterPng(160)
  })
  const contactId = base.split('/').at(-2)!
  const words = ['The', 'lamp', 'is', 'drak'].map((text, n): Word => ({
    text,
    confidence: text === 'drak' ? 0.31 : 0.95,
    box: [n, 0, n + 1, 1]
  }))
  const say = (confidence: number) =>
    site.runtime.db
      .updateTable('document_pages')
      .set({ text: 'The lamp is drak', confidence, words: packWords(words) })
      .where('sha256', 'in', (query) =>
        query.selectFrom('contact_documents').select('sha256').where('contact_id', '=', contactId)
      )
      .execute()
  await say(0.9)
  const sure = await agent.get(path)
  expect(sure.text).toContain(
    'The lamp is <u class="unsure"><span class="quiet">(unsure: </span>drak<span class="quiet">)</span></u>'
  )
  expect(sure.text).toContain('1 word that the machine was not sure of is underlined.')
  expect(sure.text).not.toContain('Read unsurely')
  await say(SURE - 0.01)
  expect((await agent.get(path)).text).toContain('Read unsurely')
})

test('what is not read by machine says why and can still be downloaded; HTML and programs are never opened in our pages', async () => {
  const locked = await textPdf()
  locked.encrypt({ userPassword: 'not known', ownerPassword: 'not known either' })
  const files = [
    pdf(await locked.save(), 'locked.pdf'),
    {
      name: 'page.html',
      type: 'text/html',
      bytes: Buffer.from(
        '<html><body><p>Words of a page</p><script>alert(1)</script></body></html>'
      )
    },
    {
      name: 'drawing.svg',
      type: 'image/svg+xml',
      bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    }
  ]
  const { path, base } = await caseWith('Please open.', ...files)
  const { text } = await agent.get(path)
  expect(text).toContain('The document is locked with a password.')
  expect(text).toContain('Words of a page')
  expect(text).not.toContain('<script>alert')
  for (const index of [0, 1, 2]) {
    const file = await agent.get(`${base}/${index}`)
    expect(file.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(file.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(file.headers.get('content-type')).not.toMatch(/html|svg/)
    expect((await agent.get(`${base}/${index}/pages/1`)).status).toBe(404)
  }
})

test('case and document pages have no barriers, and fit on a phone', async () => {
  const { path, base } = await caseWith('', pdf(await scanPdf([await letterPng(170)])))
  const context = await browser.newContext({ viewport: sizes.desktop, baseURL: site.url })
  await context.addCookies(
    [...agent.cookies].map(([name, value]) => ({ name, value, url: site.url }))
  )
  const page = await context.newPage()
  // The browser looks for an icon on its own; what the pages ask for is watched by its answers.
  const complaints = watchComplaints(page)
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
  })
  for (const address of [path, `${base}/0/pages`]) {
    await page.setViewportSize(sizes.desktop)
    await page.goto(address)
    for (const details of await page.locator('details').all())
      await details.evaluate('(element) => { element.open = true }')
    expect(await findBarriers(page)).toEqual([])
    await page.setViewportSize(sizes.phone)
    expect(await overflows(page)).toBe(false)
  }
  expect(
    complaints.filter((complaint) => !complaint.startsWith('Failed to load resource'))
  ).toEqual([])
  await context.close()
})
