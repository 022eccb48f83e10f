/**
 * What the styles of a mail's HTML say about whether a text can be seen, and how it stands in
 * lines.
 */

import type { Declarations } from './declarations.ts'
import { isSignFont } from '../text/signs.ts'
import { namesIn } from './names.ts'
import { isBlock } from './showing.ts'

/** How text inside an element looks, as far as it decides whether it is seen. */
export interface TextStyle {
  /** Taken out with everything inside; nothing inside can come back. */
  readonly gone: boolean
  /** visibility: hidden, which what is inside may take back, as it may the size. */
  readonly invisible: boolean
  /** CSS pixels. */
  readonly fontSize: number
  /** `rrggbb` or a name; undefined where nothing said. */
  readonly color: string | undefined
  readonly background: string | undefined
  /** Line ends in the text are line ends. */
  readonly preformatted: boolean
  /** The font, where its letters are signs. */
  readonly signs: string | undefined
}

export const plainStyle: TextStyle = {
  gone: false,
  invisible: false,
  fontSize: 16,
  color: undefined,
  background: undefined,
  preformatted: false,
  signs: undefined
}

/** Whether the declarations of an element show something that its text does not say. */
export function showsMore(name: string, said: Declarations): boolean {
  const block = isBlock(name)
  for (const { showing } of said.values())
    if (showing === 'something' || (showing === 'around-words' && !block)) return true
  return false
}

/** Whether a rule that is not followed would change the text, or show more than it. */
export function changesText(said: Declarations): boolean {
  const value = (property: string) => said.get(property)?.value
  const list = said.has('list-style') || said.has('list-style-type')
  return (
    list ||
    showsMore('', said) ||
    isTakenOut(value) ||
    /^(hidden|collapse)$/.test(value('visibility') ?? '') ||
    sizeOf(value('font-size'), SMALLEST + 1) <= SMALLEST ||
    isStruck('', said) ||
    shiftOf('', said) !== ''
  )
}

/** Attributes that change the look by themselves. */
const looks = ['hidden', 'bgcolor', 'color', 'face']

/** Cache: the rows of a table and the paragraphs of a letter look alike. */
export class Looks {
  readonly #known = new Map<TextStyle, Map<Declarations, TextStyle>>()

  /** The look inside an element, from the look around it and what holds for it. */
  inside(
    around: TextStyle,
    said: Declarations,
    attributes: Readonly<Record<string, string>>
  ): TextStyle {
    if (looks.some((name) => name in attributes)) return lookInside(around, said, attributes)
    if (said.size === 0) return around
    const known = this.#known.get(around) ?? new Map<Declarations, TextStyle>()
    const look = known.get(said) ?? lookInside(around, said, attributes)
    this.#known.set(around, known.set(said, look))
    return look
  }
}

function lookInside(
  around: TextStyle,
  said: Declarations,
  attributes: Readonly<Record<string, string>>
): TextStyle {
  const value = (property: string) => said.get(property)?.value
  const background = value('background-color') ?? value('background') ?? attributes['bgcolor']
  const color = value('color') ?? attributes['color']
  const visibility = value('visibility')
  const space = value('white-space')
  const family = value('font-family') ?? attributes['face']
  return {
    gone:
      around.gone ||
      isTakenOut(value) ||
      ('hidden' in attributes && value('display') === undefined),
    invisible: visibility === undefined ? around.invisible : /^(hidden|collapse)$/.test(visibility),
    fontSize: sizeOf(value('font-size'), around.fontSize),
    color: color === undefined ? around.color : colorOf(color),
    background:
      background === undefined || /^(none|transparent|inherit)$/.test(background)
        ? around.background
        : colorOf(background),
    preformatted: space === undefined ? around.preformatted : /^(pre|break-spaces)/.test(space),
    signs:
      family === undefined || /^(inherit|unset)$/.test(family) ? around.signs : signFontOf(family)
  }
}

/** The first family of a list, where its letters are signs. */
function signFontOf(family: string): string | undefined {
  const first = family.split(',', 1)[0]!.replace(/["']/g, '').trim()
  return isSignFont(first) ? first : undefined
}

/** Whether the element strikes its words; what is around it may strike them all the same. */
export function isStruck(name: string, said: Declarations): boolean {
  const line = said.get('text-decoration-line')?.value ?? said.get('text-decoration')?.value
  return line === undefined ? /^(del|s|strike)$/.test(name) : line.includes('line-through')
}

/**
 * The sign of what the element raises over the line, as a power, or lowers under it; empty where it
 * does neither.
 */
export function shiftOf(name: string, said: Declarations): '^' | '_' | '' {
  if (standing.has(name)) return ''
  const place = said.get('vertical-align')?.value
  if (place === 'super' || place === 'sub') return place === 'super' ? '^' : '_'
  if (place === undefined) return shiftOfName(name)
  const [, sign, number] = /^([-+]?)(\d+(?:\.\d+)?|\.\d+)(?:%|[a-z]{1,4})?$/.exec(place) ?? []
  if (number !== undefined) return Number(number) === 0 ? '' : sign === '-' ? '_' : '^'
  return place === 'inherit' ? shiftOfName(name) : ''
}

function shiftOfName(name: string): '^' | '_' | '' {
  return name === 'sup' ? '^' : name === 'sub' ? '_' : ''
}

/** In a cell the words stand at its top or foot; a picture is no word. */
const standing = namesIn('td th tr tbody thead tfoot table img')

/** Text this small is for nobody's eyes: hidden first lines of newsletters have 0 or 1 pixel. */
const SMALLEST = 1

/**
 * Whether text of this look is meant to be seen. Only where text and background are both given can
 * they be the same.
 */
export function isSeen({ gone, invisible, fontSize, color, background }: TextStyle): boolean {
  return (
    !gone &&
    !invisible &&
    fontSize > SMALLEST &&
    color !== 'transparent' &&
    !(color !== undefined && background !== undefined && isAlike(color, background))
  )
}

function isTakenOut(value: (property: string) => string | undefined): boolean {
  const clipped = /hidden|clip/.test(value('overflow') ?? '')
  return (
    value('display') === 'none' ||
    value('mso-hide') === 'all' ||
    isZero(value('opacity')) ||
    isZero(value('max-height')) ||
    isZero(value('max-width')) ||
    (clipped && (isZero(value('height')) || isZero(value('width')))) ||
    /^-\d{3,}/.test(value('text-indent') ?? '') ||
    (/^(absolute|fixed)$/.test(value('position') ?? '') &&
      ['left', 'top', 'right', 'bottom'].some((side) => /^-\d{3,}/.test(value(side) ?? '')))
  )
}

function isZero(value: string | undefined): boolean {
  return value !== undefined && /^(?:0+(?:\.0+)?|\.0+)(px|pt|em|rem|%)?$/.test(value)
}

function sizeOf(value: string | undefined, around: number): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?|\.\d+)(px|pt|em|%|rem)?$/.exec(value ?? '') ?? []
  if (number === undefined)
    return value === undefined || value === 'inherit' ? around : plainStyle.fontSize
  if (unit === 'em') return Number(number) * around
  if (unit === '%') return (Number(number) / 100) * around
  return Number(number) * (unit === 'rem' ? plainStyle.fontSize : unit === 'pt' ? 4 / 3 : 1)
}

const names: Readonly<Record<string, string>> = {
  white: 'ffffff',
  black: '000000',
  snow: 'fffafa',
  whitesmoke: 'f5f5f5'
}

/**
 * `rrggbb`, `transparent`, or the name as it is; undefined for what is no plain colour, such as a
 * picture.
 */
function colorOf(text: string): string | undefined {
  const value = text.trim().toLowerCase()
  const hex = /^#?([\da-f]{6}|[\da-f]{3})$/.exec(value)?.[1]
  if (hex) return hex.length === 6 ? hex : hex.replace(/./g, '$&$&')
  const [, red, green, blue, opaque] =
    /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+))?\s*\)$/.exec(value) ?? []
  if (red !== undefined)
    return opaque !== undefined && Number(opaque) === 0
      ? 'transparent'
      : [red, green, blue].map((one) => Number(one).toString(16).padStart(2, '0')).join('')
  return /^[a-z]+$/.test(value) ? (names[value] ?? value) : undefined
}

/** Shades apart that no eye tells, of 255. */
const SHADES = 4

function isAlike(one: string, other: string): boolean {
  if (one === other) return true
  const pairs = [one, other].map((color) =>
    /^[\da-f]{6}$/.test(color)
      ? color.match(/../g)!.map((part) => Number.parseInt(part, 16))
      : undefined
  )
  return (
    pairs[0] !== undefined &&
    pairs[1] !== undefined &&
    pairs[0].every((part, index) => Math.abs(part - pairs[1]![index]!) <= SHADES)
  )
}
