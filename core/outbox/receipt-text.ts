import type { Agency } from '../../config/agency.ts'
import type { Acknowledgement, OutboundMessage, Undeliverable } from '../intake/channel.ts'
import { inLanguage, translate } from '../../platform/pages/language.ts'
import { segmentsOf } from './text-segments.ts'

/** Carriers charge the agency per part, and old telephones show long texts in pieces. */
const MOST_SEGMENTS = 2

/**
 * The receipt, question or answer as a text message in the person's language: the fullest wording
 * that fits in two parts. It repeats nothing that the person wrote, because a household may share
 * the telephone.
 */
export function receiptText(
  to: string,
  from: string | undefined,
  acknowledgement: Acknowledgement,
  agency: Agency
): OutboundMessage | Undeliverable {
  const text = wordings(acknowledgement, agency).find(
    (one) => segmentsOf(one).count <= MOST_SEGMENTS
  )
  if (text === undefined)
    return {
      undeliverable:
        'No wording of it fits into two parts of a text; shorten the sentences that begin with text. in locales/.'
    }
  return { via: 'text', to, subject: '', text, headers: {}, ...(from ? { from } : {}) }
}

function wordings(acknowledgement: Acknowledgement, agency: Agency): string[] {
  const {
    language,
    receipt,
    statusUrl: url,
    earlier,
    purpose = 'acknowledgement'
  } = acknowledgement
  const { name, languages, timeZone } = agency.departments.agency
  const t = translate(agency.locales, language)
  const words = {
    receipt,
    url,
    agency: inLanguage(name, language, languages[0] ?? 'en'),
    earlier: earlier?.receipt.slice(-4) ?? '',
    day: earlier ? shortDay(earlier.arrivedAt, language, timeZone) : ''
  }
  if (purpose === 'question') return [t('text.question', words), t('text.questionShort', words)]
  if (purpose === 'help') return [t('text.help', words), t('text.helpShort', words)]
  return [t('text.receipt', words), t('text.receiptShort', words), t('text.receiptShortest', words)]
}

/**
 * "Nov 25". Date formats contain spaces that are not in the alphabet of text messages, so they are
 * replaced.
 */
function shortDay(time: Date, language: string, timeZone: string): string {
  return new Intl.DateTimeFormat(language, { timeZone, month: 'short', day: 'numeric' })
    .format(time)
    .replace(/\s/g, ' ')
}
