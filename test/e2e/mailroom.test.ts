import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import { channels } from '../../channels/index.ts'
import { closeReaders, readDocument } from '../../core/documents/read.ts'
import { verifySeparator } from '../../core/documents/separators.ts'
import { findBarcodes } from '../helpers/barcodes.ts'
import { startWorkers, type Workers } from '../../workers/index.ts'
import { letterPng, scanPdf } from '../core/documents/fixtures.ts'
import { sheetPng } from '../core/mailroom/stacks.ts'
import {
  closeByKeyboard,
  findBarriers,
  openBrowser,
  overflows,
  sizes,
  isFocused
} from '../helpers/browser.ts'
import { bringIn } from '../helpers/contacts.ts'
import { takeSeat } from '../helpers/office.ts'
import { submitForm } from '../helpers/form.ts'
import { handwrittenPng } from '../helpers/handwriting.ts'
import { addScans, setAsideUnsure } from '../helpers/paper.ts'
import { openSite, type Site } from '../helpers/site.ts'
import { signIn } from '../helpers/staff.ts'
import type { StaffRole } from '../../core/access/staff.ts'
import { until } from '../helpers/until.ts'

let site: Site
let browser: Browser
let workers: Workers
beforeAll(async () => {
  site = await openSite({ PUBLIC_URL: '' })
  browser = await openBrowser()
  workers = startWorkers(site.runtime, {
    channels,
    translateThread: new URL('../../channels/translate-thread.ts', import.meta.url),
    readers: 1
  })
})
afterAll(async () => {
  await browser?.close()
  await workers?.stop()
  await closeReaders()
  await site?.close()
})

/** A page of someone who has signed in. */
const visit = (
  role: StaffRole,
  { departments = [], ...options }: { departments?: string[]; javaScriptEnabled?: boolean } = {}
) => takeSeat(site, browser, { role, departments, options })

/** Logs a tray, and answers with its number. */
async function logTray(page: Page, counted: number): Promise<string> {
  await page.goto('/desk/mailroom')
  await page.getByLabel('Letters counted').fill(String(counted))
  await page.getByRole('button', { name: 'Stamp and log' }).click()
  await page.getByText('The tray is logged').waitFor()
  return page.url().split('/').at(-1)!
}

/**
 * The separator sheets as they leave the printer, and as a scanner then sees them: a little askew,
 * grey and soft.
 */
async function printSeparators(
  page: Page,
  tray: string,
  count: number
): Promise<{ printed: Buffer; scanned: Buffer[] }> {
  await page.goto(`/desk/mailroom/batches/${tray}/separators?from=1&count=${count}`)
  await page
    .getByRole('button', { name: 'Make these sheets' })
    .click()
    .then(() => page.getByRole('button', { name: /^Print/ }).waitFor())
  const printed = await page.pdf({ format: 'Letter' })
  const pictures: Buffer[] = Array.from({ length: count })
  await readDocument(printed, {
    text: false,
    images: true,
    onPage: ({ number }, _total, image) => {
      pictures[number - 1] = Buffer.from(image!.bytes)
    }
  })
  const scanned = await Promise.all(
    pictures.map((picture, index) =>
      sharp(picture)
        .rotate(index % 2 ? 1.5 : -2, { background: '#f4f4f0' })
        .blur(0.7)
        .linear(0.85, 25)
        .jpeg({ quality: 70 })
        .toBuffer()
    )
  )
  return { printed, scanned }
}

async function addScan(page: Page, tray: string, pictures: readonly Buffer[]): Promise<void> {
  await page.goto(`/desk/mailroom/batches/${tray}`)
  await page.getByLabel('Files from the scanner').setInputFiles({
    name: 'stack.pdf',
    mimeType: 'application/pdf',
    buffer: await scanPdf(pictures, 150)
  })
  await page.getByRole('button', { name: 'Add scans' }).click()
  await page.getByText('The scans are kept').waitFor()
  await page.getByRole('button', { name: 'All scans are in' }).click()
}

/** Presses keys and counts them: Alt+Shift+S are three. */
function counting(page: Page): { press(keys: string): Promise<void>; count(): number } {
  let count = 0
  return {
    async press(keys) {
      count += keys.split('+').length
      await page.keyboard.press(keys)
    },
    count: () => count
  }
}

describe('a tray with three letters, one of them written by hand', () => {
  let tray: string
  let page: Page
  let context: BrowserContext
  let complaints: string[]
  let form: string
  const contactsOf = () =>
    site.runtime.db
      .selectFrom('contacts')
      .selectAll()
      .where('batch_id', '=', tray)
      .orderBy('arrived_at')
      .orderBy('ordinal')
      .execute()

  beforeAll(async () => {
    ;({ page, context, complaints } = await visit('mailroom'))
  })
  afterAll(async () => {
    await context?.close()
  })

  test('is stamped, and its separator sheets come out of the printer one a page, each read back by our own reader', async () => {
    tray = await logTray(page, 3)
    const { printed, scanned } = await printSeparators(page, tray, 3)
    const expected = [1, 2, 3].map((letter) => ({ batch: tray, letter }))
    const read = async (document: Buffer) =>
      (await findBarcodes(document)).map((found) =>
        found.map(({ text }) => verifySeparator(text, site.runtime.secret('separator')))
      )
    expect(await read(printed)).toEqual(expected.map((separator) => [separator]))
    expect(await read(await scanPdf(scanned, 200))).toEqual(
      expected.map((separator) => [separator])
    )
    form = await submitForm(site.url, { message: 'Written after the post had come' })
    const blank = await sheetPng('blank')
    await addScan(page, tray, [
      scanned[2]!,
      await letterPng(150),
      blank,
      scanned[0]!,
      await sheetPng({ words: 'My bin was not emptied\nfor two weeks now.' }),
      await sheetPng({ words: 'It stands behind the house\nand smells.' }),
      scanned[1]!,
      await handwrittenPng()
    ])
  })

  test('is read while the page says how far it is, split into its letters, and goes on by itself', async () => {
    await page.getByText('Released', { exact: true }).waitFor()
    for (const text of [
      '8 pages in = 4 in letters + 3 separators + 1 blank + 0 withheld',
      'Letter 1, 1 sheet',
      'Letter 2, 2 sheets',
      'Letter 3, 1 sheet'
    ])
      await page.getByText(text).first().waitFor()
    expect(await page.locator('.thumb img').evaluateAll((images) => images.length)).toBe(8)
    expect((await contactsOf()).map(({ arrived_at: arrived }) => arrived)).toEqual(
      Array(3).fill(
        (
          await site.runtime.db
            .selectFrom('batches')
            .select('received_at')
            .where('id', '=', tray)
            .executeTakeFirstOrThrow()
        ).received_at
      )
    )
    expect(complaints).toEqual([])
  })

  test('has letters that a clerk clears with three keys each', async () => {
    await page.getByRole('link', { name: 'Open letter 1' }).click()
    await page.getByLabel('Where the paper lies').fill('Shelf B, box 3')
    const keys = counting(page)
    for (const letter of [2, 3]) {
      await keys.press('Alt+Shift+KeyS')
      await page.getByRole('heading', { name: `Letter ${letter} of tray` }).waitFor()
    }
    await keys.press('Alt+Shift+KeyS')
    await page.getByText('That was the last letter of this tray').waitFor()
    console.log(`clearing a clean letter in the mailroom: ${keys.count() / 3} key presses`)
    expect(keys.count() / 3).toBeLessThanOrEqual(3)
    const letters = await site.runtime.db
      .selectFrom('letters')
      .select(['location', 'disposition'])
      .where('batch_id', '=', tray)
      .execute()
    expect(letters.map(({ location, disposition }) => `${location}: ${disposition}`)).toEqual(
      Array(3).fill('Shelf B, box 3: keep')
    )
  })

  test('waits with the letter that nobody could read by machine until a clerk has written it down, by keyboard alone', async () => {
    await until(async () =>
      (await contactsOf()).some((contact) => contact.quarantine_code === 'TEXT_UNSURE')
        ? true
        : undefined
    )
    await page.goto('/desk/transcribe')
    const keys = counting(page)
    await keys.press('Alt+Shift+KeyN')
    await keys.press('Enter')
    await page.getByRole('heading', { name: 'What it says' }).waitFor()
    expect(await isFocused(page, 'id', 'field-text')).toBe(true)
    await page.getByRole('img', { name: /Page 1 of/ }).waitFor()
    const written = 'Please mend the swing.'
    await page.keyboard.type(written)
    await keys.press('Alt+Shift+KeyS')
    await page.getByText('nothing else is waiting').waitFor()
    console.log(
      `writing down a letter of ${written.length} characters: ${written.length} and ${keys.count()} key presses`
    )
    expect(keys.count()).toBeLessThanOrEqual(7)
  })

  test('is taken at the desk in the order of stamp and lot, before the form that came while it lay unread', async () => {
    const expected = [...(await contactsOf()).map(({ receipt }) => receipt), form]
    await until(async () =>
      (
        await site.runtime.db
          .selectFrom('cases')
          .select('id')
          .where('receipt', 'in', expected)
          .where('state', '=', 'waiting')
          .execute()
      ).length === 4
        ? true
        : undefined
    )
    const agent = await visit('agent', { departments: ['general'] })
    const taken: string[] = []
    for (let step = 0; step < expected.length; step++) {
      await agent.page.goto('/desk')
      await agent.page.keyboard.press('Alt+Shift+KeyN')
      await agent.page.keyboard.press('Enter')
      taken.push((await agent.page.locator('.meta code').textContent())!)
      await closeByKeyboard(agent.page)
    }
    expect(taken).toEqual(expected)
    await agent.context.close()
  })
})

test('a clerk without JavaScript logs a tray, adds scans, looks again, mends a split and releases', async () => {
  const { page, context } = await visit('mailroom', { javaScriptEnabled: false })
  const tray = await logTray(page, 2)
  await addScan(page, tray, [
    await sheetPng({ words: 'The first letter of two\nin one stack.' }),
    await sheetPng({ words: 'The second letter of two\nin one stack.' })
  ])
  await until(async () => {
    await page.goto(`/desk/mailroom/batches/${tray}`)
    return (await page.getByText('A person has to look').count()) > 0 ? true : undefined
  })
  await page.getByLabel(/Sheet 2/).check()
  await page.getByRole('button', { name: 'Begin a letter here' }).click()
  await page.getByText('The sheet was changed').waitFor()
  await page.getByText('2 found, 2 counted by hand').waitFor()
  expect(await page.getByLabel(/Sheet 2/).isChecked()).toBe(true)
  await page.getByLabel(/^(Why it goes|Reason .optional)/).fill('The separators had run out')
  await page.getByRole('button', { name: 'Release 2 letters' }).click()
  await page.getByText('The letters go on to their lines').waitFor()
  await context.close()
})

test('scans that come from elsewhere appear by themselves, unless a clerk is in the middle of something: then it is only said', async () => {
  const { page, context } = await visit('mailroom')
  const colleague = await signIn(site, 'mailroom')
  const tray = `/desk/mailroom/batches/${await logTray(page, 2)}`
  await addScans(colleague, tray, [{ name: 'first.txt', bytes: Buffer.from('one') }])
  await page.getByRole('heading', { name: 'first.txt' }).waitFor()
  await page.getByText('Fronts only, as one stack').click()
  await addScans(colleague, tray, [{ name: 'second.txt', bytes: Buffer.from('two') }])
  await page.getByText('There is something new').waitFor()
  expect(await page.getByRole('heading', { name: 'second.txt' }).count()).toBe(0)
  expect(await page.getByLabel('Fronts only, as one stack').isChecked()).toBe(true)
  await page.getByRole('link', { name: 'Look again' }).click()
  await page.getByRole('heading', { name: 'second.txt' }).waitFor()
  await context.close()
})

test('a call is heard at any speed, wound and written down by keyboard alone', async () => {
  const { contactId, receipt } = await bringIn(site.runtime)
  const recording = silence(30)
  const document = {
    name: 'voicemail.wav',
    mediaType: 'audio/wav',
    bytes: recording.length,
    sha256: await site.runtime.blobs.put(recording),
    pages: 0
  }
  await setAsideUnsure(
    site.runtime,
    contactId,
    { channel: 'phone', text: 'Tbe swinq', documents: [document] },
    0.6
  )
  const { page, context } = await visit('mailroom')
  await page.goto(`/desk/transcribe/${contactId}`)
  const is = (what: string) =>
    until(async () =>
      (await page.evaluate(`((sound) => ${what})(document.querySelector('audio'))`))
        ? true
        : undefined
    )
  await is('sound.duration === 30')
  await page.keyboard.press('Alt+Shift+KeyP')
  await is('!sound.paused')
  await page.keyboard.press('Alt+Shift+KeyP')
  await is('sound.paused')
  for (let step = 0; step < 3; step++) await page.keyboard.press('Alt+Shift+KeyL')
  await is('sound.currentTime >= 15')
  for (let step = 0; step < 2; step++) await page.keyboard.press('Alt+Shift+KeyJ')
  await is('sound.currentTime < 7 && sound.currentTime >= 5')
  await page.getByLabel('Speed').selectOption('as spoken')
  await page.getByLabel('Speed').selectOption('double')
  await is('sound.playbackRate === 2')
  expect(await findBarriers(page)).toEqual([])
  await page.getByLabel('Text, word for word').focus()
  await page.keyboard.press('Control+KeyA')
  await page.keyboard.type('The swing is broken')
  await page.keyboard.press('Alt+Shift+KeyS')
  await page.getByText('The text is saved').waitFor()
  await until(async () =>
    (
      await site.runtime.db
        .selectFrom('cases')
        .select('id')
        .where('receipt', '=', receipt)
        .execute()
    ).length > 0
      ? true
      : undefined
  )
  await context.close()
})

/** So many seconds of nothing: PCM, 8 bits, 8,000 a second. */
function silence(seconds: number): Buffer {
  const samples = Buffer.alloc(seconds * 8_000, 128)
  const head = Buffer.alloc(44)
  head.write('RIFF\0\0\0\0WAVEfmt ', 'latin1')
  head.writeUInt32LE(36 + samples.length, 4)
  for (const [value, at, size] of [
    [16, 16, 4],
    [1, 20, 2],
    [1, 22, 2],
    [8_000, 24, 4],
    [8_000, 28, 4],
    [1, 32, 2],
    [8, 34, 2]
  ] as const)
    head.writeUIntLE(value, at, size)
  head.write('data', 36)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}

test('no work page has barriers, on a desktop and on a phone', async () => {
  const { page, context, complaints } = await visit('mailroom')
  const look = async (what: string) => {
    await page.evaluate(
      'document.querySelectorAll("img").forEach((image) => { image.loading = "eager" })'
    )
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport)
      if (process.env['SCREENSHOTS'])
        await page.screenshot({
          path: `${process.env['SCREENSHOTS']}/${size}-${what}.png`,
          fullPage: true
        })
      expect(await findBarriers(page)).toEqual([])
      expect(await overflows(page)).toBe(false)
    }
    await page.setViewportSize(sizes.desktop)
  }
  const tray = await logTray(page, 9)
  await look('tray-new')
  await addScan(page, tray, [await letterPng(150), await handwrittenPng(), await sheetPng('blank')])
  await page.getByText('A person has to look').waitFor()
  await page.getByText('Change', { exact: false }).first().click()
  await page.getByLabel(/Sheet 2/).check()
  await look('tray-held')
  await page.keyboard.press('b')
  await page.getByText('The sheet was changed').waitFor()
  expect(await isFocused(page, 'id', 'sheet-2')).toBe(true)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Letter 2' }).waitFor()
  await page.getByLabel('What lay in it').fill('check no. 1042')
  await page.getByRole('button', { name: 'Log enclosure' }).click()
  await page.getByText('Waits for a second person').waitFor()
  await look('letter')
  await page.goto('/desk/mailroom')
  await page.getByText('It came earlier than now').click()
  await look('trays')
  await page.goto(`/desk/mailroom/batches/${tray}/separators?count=2`)
  await look('separators')
  await page.goto(`/desk/mailroom/batches/${tray}`)
  await page.getByLabel('Why it goes on as it is').fill('The rest of the tray was advertising')
  await page.getByRole('button', { name: /^Release/ }).click()
  await page.getByText('go on to their lines').waitFor()
  await until(async () => {
    await page.goto('/desk/transcribe')
    return (await page.getByRole('link', { name: 'Begin with the earliest' }).count()) > 0
      ? true
      : undefined
  })
  await look('transcription')
  await page.getByRole('link', { name: 'Begin with the earliest' }).click()
  await page.getByRole('img', { name: /Page 1 of/ }).waitFor()
  await look('writing-down')
  expect(complaints).toEqual([])
  await context.close()
})
