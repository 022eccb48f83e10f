/**
 * Staff pages on a phone, without JavaScript, and where residents read them in Spanish: what can be
 * done stays in reach, and lists say what things are about.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { channels } from '../../channels/index.ts'
import { openDispatcher } from '../helpers/dispatcher.ts'
import { sendReply } from '../../core/replies/send.ts'
import { newId } from '../../platform/ids.ts'
import { findBarriers, look, openBrowser, overflows } from '../helpers/browser.ts'
import { bringIn, settlerOf, stand, take, tokenFor, town, type Stood } from '../helpers/contacts.ts'
import { signedBy } from '../helpers/letters.ts'
import { takeSeat, type Seat } from '../helpers/office.ts'
import { openSite, type Site } from '../helpers/site.ts'

const phone = { viewport: { width: 360, height: 640 } }

let site: Site
let browser: Browser
let agent: Seat
let talk: Stood
beforeAll(async () => {
  ;[site, browser] = await Promise.all([openSite({ PUBLIC_URL: '' }), openBrowser()])
  agent = await takeSeat(site, browser, { role: 'agent', departments: ['parks'], options: phone })
  talk = await longTalk(`staff:${agent.staff.id}`)
})
afterAll(async () => {
  await browser.close()
  await site.close()
})

/** A case with a message of two screens, the same again, a reply and a letter to print. */
async function longTalk(actor: string): Promise<Stood> {
  const { runtime } = site
  const sender = {
    name: 'Rosa Delgado',
    emails: ['rosa@people.example'],
    phones: ['+12175550142'],
    addresses: ['12 Alder Lane, Willow Creek, IL 62001']
  }
  const text = `The left swing is broken. ${'The chain hangs down. '.repeat(60)}`
  const stood = await stand(runtime, { subject: 'Broken swing chain', text, sender })
  await stand(runtime, { subject: 'Broken swing chain', text, sender })
  await take(runtime, actor)
  const reply = { ...stood, actor, name: undefined, typed: false, language: 'en', subject: '' }
  for (const [way, address] of [
    ['mail', 'rosa@people.example'],
    ['letter', '12 Alder Lane\nWillow Creek\nIL 62001']
  ] as const)
    await sendReply(runtime, {
      ...reply,
      replyId: newId(),
      way,
      address,
      text: 'We mend it on Thursday.'
    })
  await openDispatcher(runtime, channels).acknowledge([stood.contactId])
  return stood
}

async function expectNoBarriers(page: Page, name: string): Promise<void> {
  await look(page, name)
  expect([name, await findBarriers(page), await overflows(page)]).toEqual([name, [], false])
}

/** The element that has the focus, where the bar covers it whole; the columns' own stops aside. */
const behindBar = `(() => {
  const element = document.activeElement
  const bar = document.querySelector('.dock')
  if (bar.contains(element) || element.matches('body, .side')) return ''
  const { top } = element.getBoundingClientRect()
  return top >= bar.getBoundingClientRect().top ? element.outerHTML : ''
})()`

/** Whether an element can be seen: on the screen, and covered by nothing. */
const seen = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect()
    const on = element.ownerDocument.elementFromPoint(left + width / 2, top + height / 2)
    return on !== null && (element.contains(on) || on.contains(element))
  })

describe('a case on a phone', () => {
  test('begins with folds closed, and leads from anywhere to reply, note, person and giving on', async () => {
    const { page } = agent
    await page.goto(`/desk/cases/${talk.caseId}`)
    // The reply box, and the one thing to do.
    expect(await page.locator('main details[open]:not(.composer, .duty > *)').count()).toBe(0)
    await expectNoBarriers(page, 'phone-case')
    const bar = page.getByRole('navigation', { name: 'This case' })
    for (const [name, targets] of [
      ['Reply', ['#reply', '#reply-to', '#answer']],
      ['Note', ['#note-text']],
      ['Person', ['#person']],
      ['Give on', ['#verbs']]
    ] as const) {
      await page.evaluate(`document.querySelector('.case').scrollTop = 0`)
      expect([name, await seen(page, `.dock a[href="${targets[0]}"]`)]).toEqual([name, true])
      await bar.getByRole('link', { name }).click()
      for (const target of targets)
        expect([target, await seen(page, target)]).toEqual([target, true])
    }
  })

  test('hides nothing that has the focus behind the bar', async () => {
    const { page } = agent
    await page.goto(`/desk/cases/${talk.caseId}`)
    const covered: string[] = []
    for (let stop = 0; stop < 60; stop += 1) {
      await page.keyboard.press('Tab')
      const hidden = await page.evaluate<string>(behindBar)
      if (hidden) covered.push(hidden.slice(0, 200))
    }
    expect(covered).toEqual([])
  })

  test('has no bar on a wide screen', async () => {
    const { page } = agent
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.goto(`/desk/cases/${talk.caseId}`)
    expect(await page.locator('.dock').isVisible()).toBe(false)
    expect([await seen(page, '#answer'), await overflows(page)]).toEqual([true, false])
    await page.setViewportSize(phone.viewport)
  })

  test('opens at its newest message, and shows every page of the menu', async () => {
    const { page } = agent
    await page.setViewportSize({ width: 320, height: 640 })
    await page.goto(`/desk/cases/${talk.caseId}`)
    expect(await seen(page, '#latest .from')).toBe(true)
    const links = page.locator('.bar nav a')
    const ends = await links.evaluateAll((found) =>
      found.map((one) => one.getBoundingClientRect().right)
    )
    expect([ends.length, Math.max(...ends) <= 320]).toEqual([5, true])
    await page.setViewportSize(phone.viewport)
  })
})

/** Parts of the page that scroll by themselves, by their classes. */
const scrolling = `[...document.querySelectorAll('body *')].filter((one) =>
  /auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight + 1
).map((one) => one.className || one.localName)`

describe('a case on a wide screen', () => {
  test.each([
    [1280, 900, 'with', true],
    [1440, 900, 'with', true],
    [1280, 900, 'without', false]
  ])(
    'of %i by %i opens at its newest message with the reply below it, %s scripts',
    async (width, height, _, javaScriptEnabled) => {
      const { page, context, staff } = await takeSeat(site, browser, {
        role: 'agent',
        departments: ['parks'],
        options: { viewport: { width, height }, javaScriptEnabled }
      })
      const { runtime } = site
      const sender = { emails: [`${randomUUID()}@people.example`] }
      const text = `The bench ${randomUUID()} is broken. ${'A leg is gone. '.repeat(80)}`
      const stood = await stand(runtime, { text, sender })
      await take(runtime, `staff:${staff.id}`)
      const tokens = [tokenFor(runtime, stood.receipt)]
      await stand(runtime, { text: `Is ${randomUUID()} there?`, sender, tokens })
      await page.goto(`/desk/cases/${stood.caseId}`)
      if (javaScriptEnabled) await expectNoBarriers(page, `wide-${width}`)
      expect(await page.evaluate(scrolling)).toEqual(['talk'])
      for (const part of ['#latest .text', '#answer', 'button[value="send-close"]'])
        expect([part, await seen(page, part)]).toEqual([part, true])
      await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)')
      for (const part of ['#events', '#answer'])
        expect([part, await seen(page, part)]).toEqual([part, true])
      await context.close()
    }
  )
})

describe('lists', () => {
  const writers = {
    'Ada Byrne': 'My twins learned to read there.',
    'Bo Carver': '',
    'Cy Dunn': 'I am 82 and it is my only walk.'
  }
  let supervisor: Seat
  beforeAll(async () => {
    supervisor = await takeSeat(site, browser, { role: 'supervisor', departments: ['parks'] })
    for (const [name, own] of Object.entries(writers))
      await stand(site.runtime, { ...signedBy(name, own), subject: 'Keep the library open' })
    const held = await bringIn(site.runtime, {
      channel: 'sms',
      subject: 'My water bill',
      text: 'It is far too high.',
      raw: { quarantine: 'It carries no signature.', externalId: randomUUID() }
    })
    await settlerOf(site.runtime).settle([held.contactId])
  })

  test.each([
    ['campaigns', 'Keep the library open'],
    ['quarantine', 'My water bill']
  ])('of %s are headed by subjects', async (where, subject) => {
    const { page } = supervisor
    for (const [size, viewport] of [
      ['wide', { width: 1280, height: 800 }],
      ['phone', phone.viewport]
    ] as const) {
      await page.setViewportSize(viewport)
      await page.goto(`/desk/${where}`)
      expect(await page.locator('.cards h2').allTextContents()).toEqual([subject])
      await expectNoBarriers(page, `${where}-${size}`)
    }
  })

  test('of a campaign’s letters are headed by names', async () => {
    const { page } = supervisor
    await page.goto('/desk/campaigns')
    await page.getByRole('link', { name: 'Keep the library open' }).click()
    expect(await page.locator('.contact h3').allTextContents()).toEqual(Object.keys(writers))
    await expectNoBarriers(page, 'campaign')
  })
})

/**
 * As where no script arrives. Switched off in the browser, the look for barriers could not run
 * either.
 */
const withoutScripts = (context: BrowserContext) =>
  context.route('**/own/*.js', (route) => route.abort())

describe('without JavaScript', () => {
  test('a reply is begun with a saved one, previewed, sent, and the case closed', async () => {
    await stand(site.runtime, {
      to: town('streets'),
      subject: 'Un hoyo en la calle',
      text: `Hay un hoyo muy profundo en la calle Elm. ${randomUUID()}`,
      language: 'es',
      sender: { name: 'Rosa Delgado', emails: ['rosa@people.example'] }
    })
    const { page, context } = await takeSeat(site, browser, {
      role: 'agent',
      departments: ['streets'],
      options: phone
    })
    await withoutScripts(context)
    await page.goto('/desk')
    await expectNoBarriers(page, 'plain-desk')
    await page.getByRole('button', { name: 'Take next case' }).click()
    await page.locator('.saved > summary').click()
    await page
      .getByLabel('Saved reply', { exact: true })
      .selectOption({ label: 'Repair with a date' })
    await page.getByRole('button', { name: 'Insert' }).click()
    expect(await page.getByLabel('Your reply').inputValue()).toMatch(/^Hola, Rosa Delgado:/)
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByRole('heading', { name: 'As the resident gets it' }).waitFor()
    await expectNoBarriers(page, 'plain-case')
    await page.getByRole('button', { name: 'Send and close' }).click()
    await page.getByText('The reply is written to a file, not sent:').waitFor()
    for (const path of ['/desk/shortcuts', '/desk/paused', '/desk/counter', '/desk/people']) {
      await page.goto(path)
      await expectNoBarriers(page, `plain-${path.split('/').at(-1)}`)
    }
  })

  test('residents’ pages in Spanish have no barriers either', async () => {
    const context = await browser.newContext({
      ...phone,
      baseURL: site.url,
      locale: 'es-MX'
    })
    await withoutScripts(context)
    const page = await context.newPage()
    for (const path of ['/', '/f/streets', '/r/', `/r/${talk.receipt}`, '/verify']) {
      await page.goto(path)
      expect([path, await page.locator('html').getAttribute('lang')]).toEqual([path, 'es'])
      await expectNoBarriers(page, `es-${path.replaceAll('/', '_')}`)
    }
    await context.close()
  })
})

test('the browser had nothing to complain about', () => {
  expect(agent.complaints).toEqual([])
})
