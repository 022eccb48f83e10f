import type { Address } from '../person.ts'
import { addressWords, defaultWords, type AddressWords } from '../data/address-words.ts'
import { fold, words } from './text.ts'

/** The parts of an address as a register or a letterhead gives them. */
export interface AddressParts {
  readonly number?: string
  /** The street, with or without number, unit and town. */
  readonly street?: string
  readonly second?: string
  readonly unit?: string
  readonly city?: string
  readonly postcode?: string
  readonly state?: string
}

const stateNames =
  'al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy'
const states = new Set(stateNames.split(' '))

/** An address from its parts, in comparable form; undefined where nothing is left. */
export function addressOfParts(parts: AddressParts, country = 'US'): Address | undefined {
  const vocabulary = addressWords.get(country) ?? defaultWords
  const line = parseStreet(words(fold(parts.street ?? '')), vocabulary)
  const second = parseStreet(words(fold(parts.second ?? '')), vocabulary)
  const secondIsUnit = second.street === '' && second.number === ''
  const address: Address = {
    number: fold(parts.number ?? '').replaceAll(' ', '') || line.number,
    street: line.street || second.street,
    direction: line.direction,
    unit: fold(parts.unit ?? '').replaceAll(' ', '') || line.unit || second.unit,
    line:
      line.street === '' || secondIsUnit
        ? ''
        : [second.number, second.street].filter(Boolean).join(' '),
    city: fold(parts.city ?? ''),
    postcode: postcodeForm(parts.postcode ?? ''),
    state: fold(parts.state ?? '')
  }
  return Object.values(address).some(Boolean) ? address : undefined
}

/** An address written in one line: "12 N. Oak St Apt 4, Springfield, IL 62704". */
export function addressOfText(text: string, country = 'US'): Address | undefined {
  const pieces = text
    .slice(0, 300)
    .split(/[,\n;]+/)
    .map((piece) => piece.trim())
    .filter(Boolean)
  const tail = pieces.length > 1 ? takeTail(pieces) : {}
  return addressOfParts(
    { street: pieces[0] ?? '', second: pieces.slice(1).join(' '), ...tail },
    country
  )
}

function takeTail(pieces: string[]): AddressParts {
  const last = pieces.at(-1)!
  const postcode =
    /\b(\d{5})(-\d{4})?\s*$/.exec(last)?.[1] ??
    /\b([a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2})\s*$/i.exec(last)?.[1] ??
    ''
  const rest = words(fold(postcode ? last.slice(0, last.lastIndexOf(postcode)) : last))
  const state = states.has(rest.at(-1) ?? '') ? rest.pop()! : ''
  if (!postcode && !state && pieces.length < 3) return {}
  pieces.pop()
  const city = rest.length > 0 ? rest.join(' ') : pieces.length > 1 ? pieces.pop()! : ''
  return { city, state, postcode }
}

interface Street {
  number: string
  street: string
  direction: string
  unit: string
}

function parseStreet(list: string[], vocabulary: AddressWords): Street {
  const unit = takeUnit(list, vocabulary)
  const number = takeNumber(list)
  const before = list.length > 1 ? vocabulary.directions.get(list[0]!) : undefined
  if (before) list.shift()
  const after = list.length > 1 ? vocabulary.directions.get(list.at(-1)!) : undefined
  if (after) list.pop()
  while (list.length > 1 && vocabulary.types.has(list.at(-1)!)) list.pop()
  return { number, street: list.map(ordinal).join(' '), direction: before ?? after ?? '', unit }
}

function takeNumber(list: string[]): string {
  if (list.length < 2 && !/^\d+[a-z]?$/.test(list[0] ?? '')) return ''
  return /^\d+[a-z]?$/.test(list[0] ?? '') ? list.shift()! : ''
}

// "apt 4b" anywhere after the number; "unit" alone at the end says nothing.
function takeUnit(list: string[], vocabulary: AddressWords): string {
  const at = list.findIndex(
    (word, index) =>
      vocabulary.units.has(word) &&
      index + 1 < list.length &&
      /^(\d+[a-z]?|[a-z]\d*)$/.test(list[index + 1]!)
  )
  if (at < 0) return ''
  const [, value] = list.splice(at, 2)
  return value!
}

function ordinal(word: string): string {
  return /^(\d+)(st|nd|rd|th)$/.exec(word)?.[1] ?? word
}

/** A postcode without spaces; the five digits of a ZIP+4. */
export function postcodeForm(text: string): string {
  const value = fold(text).replaceAll(' ', '').slice(0, 12)
  return /^\d{9}$/.test(value) ? value.slice(0, 5) : value
}
