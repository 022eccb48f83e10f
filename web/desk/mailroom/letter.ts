/**
 * One letter: its pages beside their text, what the envelope says, what lay in it, and where the
 * paper is.
 */
import type { Request, Response, Router } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import type { BatchView, Letter, LetterDetails } from '../../../core/mailroom/types.ts'
import { field } from '../shared/fields.ts'
import { actorOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { nameOf, sendersOf } from '../people/shared.ts'
import { markUnsure } from '../../../core/documents/marked-text.ts'
import { refusal } from '../shared/refusal.ts'
import { batchPath, workFrame, count, findBatch } from './shared.ts'
import { nameActor } from '../shared/actor-names.ts'

/**
 * Pages whose text stands beside their picture at once; longer letters have the rest behind "more".
 */
const PAGES_SHOWN = 20
const MAX_NAME = 200
const MAX_ADDRESS = 300
const MAX_EMAIL = 254
const MAX_PHONE = 40

interface Found extends BatchView {
  readonly letter: Letter
}
interface Problem {
  readonly field: string
  readonly text: string
}

export function letterRoutes(router: Router, options: WebContext, tools: PageTools): void {
  const { mailroom, settings } = options
  const path = '/mailroom/batches/:batch/letters/:letter'
  router.get(path, async (request, response) =>
    showLetter(options, tools, request, response, await findLetter(options, request))
  )
  router.post(path, async (request, response) => {
    const found = await findLetter(options, request)
    const { details, problems } = readDetails(request, found)
    if (problems.length > 0)
      return showLetter(options, tools, request, response, { ...found, problems })
    await mailroom.describeLetter(found.letter.id, details, actorOf(response))
    const next = nextLetter(found)
    if (field(request, 'do', 10) !== 'next')
      redirectWith(settings, response, addressOf(found, found.letter), 'letter-saved')
    else if (next) redirectWith(settings, response, addressOf(found, next), 'letter-saved')
    else redirectWith(settings, response, batchPath(found.batch.id), 'letters-done')
  })
  router.post(`${path}/enclosures`, async (request, response) => {
    const found = await findLetter(options, request)
    const what = field(request, 'what', MAX_NAME)
    const done =
      what === ''
        ? ('REASON_REQUIRED' as const)
        : await mailroom
            .logEnclosure(found.letter.id, what, actorOf(response))
            .then(() => 'enclosure-logged' as const, refusal)
    redirectWith(settings, response, addressOf(found, found.letter), done)
  })
  router.post(`${path}/enclosures/:enclosure/confirm`, async (request, response) => {
    const found = await findLetter(options, request)
    const enclosure = found.letter.enclosures.find(({ id }) => id === request.params['enclosure'])
    if (!enclosure) throw new EvenhandError('NOT_FOUND')
    const done = await mailroom
      .confirmEnclosure(enclosure.id, actorOf(response))
      .then(() => 'enclosure-confirmed' as const, refusal)
    redirectWith(settings, response, addressOf(found, found.letter), done)
  })
}

async function findLetter(options: WebContext, request: Request): Promise<Found> {
  const view = await findBatch(options, request)
  const letter = view.letters.find(({ id }) => id === request.params['letter'])
  if (!letter) throw new EvenhandError('NOT_FOUND')
  return { ...view, letter }
}

function addressOf({ batch }: BatchView, letter: Letter): string {
  return `${batchPath(batch.id)}/letters/${letter.id}`
}

function nextLetter({ letters, letter }: Found): Letter | undefined {
  return letters
    .filter(({ number }) => number > letter.number)
    .toSorted((a, b) => a.number - b.number)[0]
}

function readDetails(
  request: Request,
  { letter }: Found
): { details: LetterDetails; problems: Problem[] } {
  const text = (name: string, limit: number) => field(request, name, limit) || undefined
  const problems: Problem[] = []
  const date = (name: string, label: string) => {
    const value = text(name, 20)
    if (value === undefined || isDate(value)) return value
    problems.push({ field: name, text: `${label}: enter a date, or leave it empty.` })
    return undefined
  }
  const envelopeAt = letter.positions.find(
    (position) => String(position) === field(request, 'envelopeAt', 10)
  )
  const disposition = (['keep', 'return', 'forward', 'shred'] as const).find(
    (one) => one === field(request, 'disposition', 10)
  )
  const details: LetterDetails = {
    senderName: text('senderName', MAX_NAME),
    senderAddress: text('senderAddress', MAX_ADDRESS),
    senderEmail: text('senderEmail', MAX_EMAIL),
    senderPhone: text('senderPhone', MAX_PHONE),
    postmark: date('postmark', 'Postmark'),
    legalReceipt: date('legalReceipt', 'Legal receipt'),
    envelopeAt,
    trackingNumber: text('trackingNumber', 100),
    location: text('location', MAX_NAME),
    disposition
  }
  return { details, problems }
}

function isDate(value: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d$/.test(value) &&
    !Number.isNaN(Date.parse(value)) &&
    new Date(value).toISOString().startsWith(value)
  )
}

async function showLetter(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response,
  { problems = [], ...found }: Found & { readonly problems?: readonly Problem[] }
): Promise<void> {
  const { mailroom, staff } = options
  const { batch, sheets, letter, letters } = found
  const mine = letter.positions
    .map((position) => sheets.find((sheet) => sheet.position === position))
    .filter((sheet) => sheet !== undefined)
  const pages = await Promise.all(
    mine.slice(0, PAGES_SHOWN).map(async (sheet) => ({
      sheet,
      runs: markUnsure(sheet.text, sheet.read ? await mailroom.words(batch.id, sheet.position) : [])
    }))
  )
  const names = await staff.names()
  const linked = letter.contactId ? await sendersOf(options, letter.contactId) : []
  const before = letters
    .filter(({ number }) => number < letter.number)
    .toSorted((a, b) => b.number - a.number)[0]
  showPage(tools, request, response, 'mailroom/letter', {
    ...workFrame,
    title: `Letter ${letter.number} of tray ${batch.id}`,
    batch,
    letter,
    linked,
    nameOf,
    pages,
    more: mine.length - pages.length,
    problems,
    count,
    unsure: pages.reduce((sum, { runs }) => sum + runs.filter((run) => run.unsure).length, 0),
    path: addressOf(found, letter),
    back: batchPath(batch.id),
    next: nextLetter(found) && addressOf(found, nextLetter(found)!),
    before: before && addressOf(found, before),
    typed: problems.length > 0 ? typedDetails(request) : shownDetails(letter, before),
    who: (actor: string) => nameActor(names, actor),
    me: actorOf(response),
    status: problems.length > 0 ? 422 : 200
  })
}

const detailNames = [
  'senderName',
  'senderAddress',
  'senderEmail',
  'senderPhone',
  'postmark',
  'legalReceipt',
  'envelopeAt',
  'trackingNumber',
  'location',
  'disposition'
] as const

function typedDetails(request: Request): Record<string, string> {
  return Object.fromEntries(detailNames.map((name) => [name, field(request, name, MAX_ADDRESS)]))
}

/**
 * The letter's details. Where its paper is kept and what becomes of it is pre-filled from the
 * letter before, because a tray stays together.
 */
function shownDetails(letter: Letter, before: Letter | undefined): Record<string, string> {
  const known = Object.fromEntries(detailNames.map((name) => [name, String(letter[name] ?? '')]))
  return {
    ...known,
    location: letter.location ?? before?.location ?? '',
    disposition: letter.disposition ?? before?.disposition ?? 'keep'
  }
}
