/** How a page's drawing stands at one place of it, and how letters look that are set there. */
import type { PDFPageProxy } from 'pdfjs-dist/types/src/display/api.js'
import type { Box } from '../types.ts'
import { identity, type Matrix } from './page-content.ts'
import { channelsOf } from './shades.ts'
import type { LetterFont } from './text-place.ts'

/** What `q` and `Q` save and bring back. */
export interface State {
  readonly matrix: Matrix
  readonly colour: string
  /** How much covers of what lies beneath, 0 to 1. */
  readonly alpha: number
  /** It darkens what lies beneath, as a marker does. */
  readonly multiplies: boolean
  /** What is drawn is shown inside it only. */
  readonly clip: Box | undefined
  /** The clip is turned or curved: less than its box is shown. */
  readonly bent: boolean
  /** How letters are painted, as PDF numbers it. */
  readonly mode: number
  readonly bold: boolean
}

/** As a page begins. */
export const beginning: State = {
  matrix: identity,
  colour: '#000000',
  alpha: 1,
  multiplies: false,
  clip: undefined,
  bent: false,
  mode: 0,
  bold: false
}

/** As much of a font as is asked for here. */
export interface PageFont extends LetterFont {
  readonly isType3Font?: boolean
  readonly name?: string
  /** Lets its file go, which is kept where more is told of fonts. */
  readonly clearData?: () => void
}

/** How makers name their bold fonts; TeX's are CMB and CMBX. */
const boldName = /bold|black|heavy|demi(?!light)|^([A-Z]{6}\+)?CMBX?\d/i

/** A font that the page has set; it may be none that could be loaded. */
export function fontOf(page: PDFPageProxy, font: string): PageFont {
  const found = page.commonObjs.has(font) ? (page.commonObjs.get(font) as PageFont) : {}
  found.clearData?.()
  return found
}

/** Lighter than any print on white paper. */
export function isPale(colour: string): boolean {
  return channelsOf(colour)?.every((one) => one > 200) ?? false
}

/** Whether letters of a font are bold. */
export function isBold({ name = '' }: PageFont): boolean {
  return boldName.test(name)
}

/** Bold, and in which colour; empty where it is neither. Dark greys are black. */
export function lookOf(bold: boolean, colour: string): string {
  const channels = channelsOf(colour) ?? [0, 0, 0]
  const isBlack =
    Math.max(...channels) <= 0x66 && Math.max(...channels) - Math.min(...channels) <= 0x20
  return `${bold ? 'bold' : ''}${isBlack ? '' : colour}`
}
