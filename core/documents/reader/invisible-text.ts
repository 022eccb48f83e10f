import { PDFHexString, PDFString, type PDFDocument, type PDFRef } from '@cantoo/pdf-lib'
import type { Page } from '../types.ts'

/**
 * A font without shapes whose codes are UTF-16 units, so that any writing can be searched and
 * copied. Every code is half an em wide; each word is then stretched to its box (the way
 * tesseract's own PDF renderer does it).
 */
export function layerFont(pdf: PDFDocument): PDFRef {
  const { context } = pdf
  const descriptor = context.register(
    context.obj({
      Type: 'FontDescriptor',
      FontName: 'Unseen',
      Flags: 5,
      FontBBox: [0, 0, 500, 1000],
      ItalicAngle: 0,
      Ascent: 1000,
      Descent: 0,
      CapHeight: 1000,
      StemV: 80
    })
  )
  const descendant = context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'CIDFontType2',
      BaseFont: 'Unseen',
      DW: 500,
      FontDescriptor: descriptor,
      CIDToGIDMap: 'Identity',
      CIDSystemInfo: {
        Registry: PDFString.of('Adobe'),
        Ordering: PDFString.of('Identity'),
        Supplement: 0
      }
    })
  )
  return context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'Type0',
      BaseFont: 'Unseen',
      Encoding: 'Identity-H',
      DescendantFonts: [descendant],
      ToUnicode: context.register(context.flateStream(toUnicode()))
    })
  )
}

/**
 * Codes are their own characters. Ranges may not cross a first byte (Adobe Technical Note 5411),
 * hence 256 of them, 100 to a block.
 */
function toUnicode(): string {
  const ranges = Array.from(
    { length: 256 },
    (_, high) => `<${hex(high * 256)}> <${hex(high * 256 + 255)}> <${hex(high * 256)}>`
  )
  const blocks = [ranges.slice(0, 100), ranges.slice(100, 200), ranges.slice(200)].map(
    (block) => `${block.length} beginbfrange\n${block.join('\n')}\nendbfrange`
  )
  return [
    '/CIDInit /ProcSet findresource begin',
    '12 dict begin',
    'begincmap',
    '/CMapName /Unseen def',
    '/CMapType 2 def',
    '1 begincodespacerange <0000> <ffff> endcodespacerange',
    ...blocks,
    'endcmap',
    'CMapName currentdict /CMap defineresource pop',
    'end',
    'end'
  ].join('\n')
}

/**
 * Content operators that write a page's words in rendering mode 3 (neither filled nor stroked),
 * each over its box.
 */
export function invisibleText(
  { words, heightPx }: Pick<Page, 'words' | 'heightPx'>,
  dpi: number
): string {
  const points = 72 / dpi
  const lines = words.map(({ text, box: [x0, y0, x1, y1] }) => {
    const size = Math.max(1, (y1 - y0) * points)
    // The space after a word is its own code, so that words stay apart when copied.
    const natural = text.length * 0.5 * size
    const stretch = Math.max(1, (((x1 - x0) * points) / natural) * 100)
    return `/Unseen ${round(size)} Tf ${round(stretch)} Tz 1 0 0 1 ${round(x0 * points)} ${round((heightPx - y1) * points)} Tm ${utf16(`${text} `)} Tj`
  })
  return ['q BT 3 Tr', ...lines, 'ET Q'].join('\n')
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0')
}

function utf16(text: string): string {
  return `<${PDFHexString.fromText(text).asString().slice(4)}>`
}

function round(value: number): string {
  return value.toFixed(2)
}
