/**
 * Character errors as OCR makes them, for measuring: the same text, rate and seed always give the
 * same damage.
 */
import { seeded } from './random.ts'

// What scanners read instead, seen in faxes at 98–204 dpi.
const confusions: Readonly<Record<string, readonly string[]>> = {
  a: ['o', 'e', 's'],
  b: ['h', '6'],
  c: ['e', 'o'],
  d: ['cl', 'o'],
  e: ['c', 'o'],
  f: ['t', 'l'],
  g: ['q', '9'],
  h: ['b', 'n', 'li'],
  i: ['l', '1', 'j'],
  l: ['1', 'i', '|'],
  m: ['rn', 'nn'],
  n: ['u', 'ri'],
  o: ['0', 'c', 'e'],
  p: ['n', 'r'],
  q: ['g'],
  r: ['n', 't'],
  s: ['5', 'a'],
  t: ['f', 'l', '+'],
  u: ['n', 'ii'],
  v: ['y', 'r'],
  w: ['vv'],
  x: ['z'],
  y: ['v'],
  z: ['2'],
  '0': ['o', 'O'],
  '1': ['l', 'I'],
  '5': ['S', '6'],
  '8': ['B', '3'],
  ' ': [''],
  '.': [','],
  ',': ['.']
}
const strays = ['.', "'", '-', '~', ' ', '|', ',']

/**
 * The text with `rate` (0–1) of its characters misread, dropped or followed by a stray mark, and
 * lines wrapped anew, some with a hyphen.
 */
export function ocrNoise(text: string, rate: number, seed: number): string {
  const random = seeded(seed)
  const read = [...text]
    .map((character) => (random() < rate ? misread(character, random) : character))
    .join('')
  return rewrap(read, random)
}

function misread(character: string, random: () => number): string {
  const kind = random()
  if (kind < 0.15) return ''
  if (kind < 0.3) return character + pick(strays, random)
  if (kind < 0.45) return String.fromCharCode(97 + Math.floor(random() * 26))
  const like = confusions[character] ?? confusions[character.toLowerCase()]
  return like ? pick(like, random) : String.fromCharCode(97 + Math.floor(random() * 26))
}

function rewrap(text: string, random: () => number): string {
  let column = 0
  return text.replace(/\S+|\s+/gu, (piece) => {
    if (/^\s/u.test(piece)) return column > 60 ? ((column = 0), '\n') : ((column += 1), ' ')
    column += piece.length
    if (column <= 66 || piece.length < 7 || random() < 0.5) return piece
    column = 3
    return `${piece.slice(0, -3)}-\n${piece.slice(-3)}`
  })
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}
