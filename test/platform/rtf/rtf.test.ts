/** Rich text gives the words it shows, and nothing else. */
import { describe, expect, test } from '@jest/globals'
import { decompressRtf } from '../../../platform/rtf/decompress.ts'
import { isRtf, readRtf } from '../../../platform/rtf/text.ts'

const rtf = (body: string) => Buffer.from(`{\\rtf1\\ansi\\ansicpg1252 ${body}}`, 'latin1')
const text = (body: string) => readRtf(rtf(body)).text

describe('what is shown', () => {
  test.each([
    ['paragraphs and lines', 'one\\par two\\line three', 'one\ntwo\nthree'],
    ['cells', '\\trowd\\cellx100 a\\cell b\\cell\\row c', 'a\tb\t\nc'],
    ['signs', '\\lquote x\\rquote\\emdash\\~\\{\\\\', '‘x’—\u00a0{\\'],
    ['bytes of the code page', "W\\'f6rld", 'Wörld'],
    ['bytes of a font', "{\\fonttbl{\\f1\\fcharset204 A;}}{\\f1 \\'cf\\'f0\\'e8}", 'При'],
    [
      'characters of two bytes',
      "{\\fonttbl{\\f2\\fcharset128 A;}}\\f2\\'93\\'fa\\'96\\'7b",
      '日本'
    ],
    ['Unicode, without what stands for it', "\\u8364 ?\\uc2\\u8364\\'80x y", '€€ y'],
    ['the result of a field', '{\\field{\\*\\fldinst HYPERLINK "x"}{\\fldrslt link}}', 'link'],
    ['struck words', 'a {\\strike b c} \\strike d\\strike0 e', 'a ~~b c d~~e'],
    ['headers and footers', '{\\header Elm\\par}Dear', '\nElm\nDear'],
    ['footnotes', 'x{\\footnote note}', 'xnote']
  ])('%s', (_, body, shown) => {
    expect(text(body)).toBe(shown)
  })

  test.each([
    ['information about the file', '{\\info{\\author Ann}}'],
    ['styles', '{\\stylesheet{\\s1 Normal;}}'],
    ['hidden words', '{\\v hidden}'],
    ['hidden words that end', '\\v hidden\\v0 '],
    ['deleted words', '{\\deleted gone}'],
    ['what a program keeps for itself', '{\\*\\mine data}'],
    ['binary data', '\\bin4 {{{{']
  ])('not %s', (_, body) => {
    expect(text(`a${body}b`)).toBe('ab')
  })

  test('what is left out is said: pictures, hidden and deleted words', () => {
    for (const body of ['{\\object x}', '{\\v x}', '{\\deleted x}'])
      expect(readRtf(rtf(body))).toMatchObject({ text: '', hasMore: true })
    expect(readRtf(rtf('a{\\pict\\pngblip 00ff}b'))).toEqual({
      text: 'ab',
      html: false,
      hasMore: true
    })
    expect(readRtf(rtf('a')).hasMore).toBe(false)
  })
})

test('HTML that Outlook wrapped comes out as it was', () => {
  const wrapped =
    '\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Hi {\\*\\htmltag84 &amp;}\\htmlrtf &\\htmlrtf0  bye{\\*\\htmltag72 </p>}\\htmlrtf\\par}\\htmlrtf0 '
  expect(readRtf(rtf(wrapped))).toMatchObject({ text: '<p>Hi &amp; bye</p>', html: true })
})

test('texts made to be slow are read', () => {
  for (const piece of ['{', '}', '\\u1 ', '\\', "\\'e9", '{\\*\\x ', '\\bin9 ', '\\f1'])
    expect(readRtf(rtf(piece.repeat(300_000))).text.length).toBeLessThanOrEqual(300_000)
})

describe('as Outlook packs it', () => {
  // The example of MS-OXRTFCP section 3.1.
  const packed = Buffer.from(
    '2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235423' +
      '20af3206865 6c09002062 7705b06c647d0a800fa0'.replaceAll(' ', ''),
    'hex'
  )
  const whole = '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n'

  test('it is unpacked, and what breaks off gives what it has', () => {
    expect(String(decompressRtf(packed, 1_000))).toBe(whole)
    const cut = String(decompressRtf(packed.subarray(0, 34), 1_000))
    expect([whole.startsWith(cut), cut.length > 20]).toEqual([true, true])
  })

  test('at the bound, and not over it', () => {
    expect(decompressRtf(packed, whole.length)).toHaveLength(whole.length)
    expect(decompressRtf(packed, whole.length - 1)).toBeUndefined()
  })

  test('what is none is none', () => {
    expect(decompressRtf(Buffer.from('{\\rtf1 x}'), 1_000)).toBeUndefined()
    expect([isRtf(Buffer.from('{\\rtf1 x}')), isRtf(Buffer.from('x'))]).toEqual([true, false])
  })
})
