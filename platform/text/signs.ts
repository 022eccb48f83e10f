/**
 * Fonts whose letters are signs: the Unicode character of each code, after the mappings that
 * Unicode (Symbol) and Microsoft with Unicode 7.0 (Wingdings) publish. A code that is in no table
 * is a sign that is not read.
 */

/** From 0x20 on, row by row; a blank is a code without a sign. */
const symbol =
  ' !∀#∃%&∍()∗+,−./0123456789:;<=>?' +
  '≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_' +
  ' αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼ ' +
  ' '.repeat(32) +
  '€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵' +
  'ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓' +
  '◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ ⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭ '

const wingdings =
  ' 🖉✂✁👓🕭🕮🕯🕿✆🖂🖃📪📫📬📭📁📂📄🗏🗐🗄⌛🖮🖰🖲🖳🖴🖫🖬✇✍' +
  '🖎✌👌👍👎☜☞☝☟🖐☺😐☹💣☠🏳🏱✈☼💧❄🕆✞🕈✠✡☪☯ॐ☸♈♉' +
  '♊♋♌♍♎♏♐♑♒♓🙰🙵●🔾■□🞐❑❒⬧⧫◆❖⬥⌧⮹⌘🏵🏶🙶🙷 ' +
  '⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿🙢🙠🙡🙣🙞🙜🙝🙟·•' +
  '⬝⭘🞆🞈🞊🞋🔿▪🞎🟂🟀★🟋🟏🟓🟑⯐⌖⯎⯏⯑✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘' +
  '🕙🕚🕛⮰⮱⮲⮳⮴⮵⮶⮷🙪🙫🙕🙔🙗🙖🙐🙑🙒🙓⌫⌦⮘⮚⮙⮛⮈⮊⮉⮋🡨' +
  '🡪🡩🡫🡬🡭🡯🡮🡸🡺🡹🡻🡼🡽🡿🡾⇦⇨⇧⇩⬄⇳⬁⬀⬃⬂🢬🢭🗶✔🗷🗹 '

/** Of these fonts the signs that stand for an answer. */
const wingdings2: Readonly<Record<number, string>> = {
  0x2a: '[ ]',
  0x4f: '✗',
  0x50: '✓',
  0x51: '[x]',
  0x52: '[x]',
  0x53: '[x]',
  0x54: '[x]',
  0xa3: '[ ]'
}
const webdings: Readonly<Record<number, string>> = { 0x61: '✔', 0x63: '[ ]', 0x67: '■', 0x72: '✖' }

const boxes: Readonly<Record<number, string>> = {
  0x6f: '[ ]',
  0x71: '[ ]',
  0x72: '[ ]',
  0x78: '[x]',
  0xa8: '[ ]',
  0xfd: '[x]',
  0xfe: '[x]'
}

const fonts: Readonly<Record<string, (code: number) => string | undefined>> = {
  symbol: tableOf(symbol),
  wingdings: withBoxes(tableOf(wingdings)),
  'wingdings 2': (code) => wingdings2[code],
  'wingdings 3': () => undefined,
  webdings: (code) => webdings[code]
}

/** What stands where a sign could not be told. */
export const UNREAD_SIGN = '[sign]'

/** True for a font whose letters are signs. */
export function isSignFont(font: string | undefined): boolean {
  return font !== undefined && Object.hasOwn(fonts, font.trim().toLowerCase())
}

/** One sign by its code, which files write with or without F000 before it; undefined if unknown. */
export function signOf(font: string, code: number): string | undefined {
  const table = isSignFont(font) ? fonts[font.trim().toLowerCase()] : undefined
  const low = code >= 0xf000 && code <= 0xf0ff ? code - 0xf000 : code
  return low === 0x20 ? ' ' : table?.(low)
}

/** A text in such a font, letter by letter. */
export function signsOf(font: string, text: string, onUnknown: () => void): string {
  return [...text]
    .map((letter) => {
      if (/\s/.test(letter)) return letter
      const sign = signOf(font, byteOf(letter))
      if (sign === undefined) onUnknown()
      return sign ?? UNREAD_SIGN
    })
    .join('')
}

/** Programs write the codes from 80 to 9F as the letters that Windows has there. */
const windows = new Map(
  [...new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, n) => n))].map(
    (letter, code) => [letter, code]
  )
)

function byteOf(letter: string): number {
  return windows.get(letter) ?? letter.codePointAt(0)!
}

function tableOf(signs: string): (code: number) => string | undefined {
  const all = [...signs]
  return (code) => {
    const sign = all[code - 0x20]
    return sign === ' ' ? undefined : sign
  }
}

function withBoxes(
  signs: (code: number) => string | undefined
): (code: number) => string | undefined {
  return (code) => boxes[code] ?? signs(code)
}
