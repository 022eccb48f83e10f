/**
 * A reply as a letter to print: US Letter, the address where a No. 10 window envelope shows it when
 * the sheet is folded in three, the date, the receipt, and the words.
 */
import { findDepartment } from '../../config/departments.ts'
import { PDFDocument, type PDFFont, type PDFPage } from '@cantoo/pdf-lib'
import type { Agency } from '../../config/agency.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { inLanguage, translate } from '../../platform/pages/language.ts'
import { lacksName } from '../outbox/duties.ts'
import { chooseTypeface, drawn, embedTypeface, type Typeface } from './typeface.ts'

export interface Letter {
  readonly receipt: string
  readonly department: string
  readonly name: string | undefined
  /** Lines of the address. */
  readonly address: string
  readonly language: string
  readonly text: string
  readonly date: Date
  /** Names of what is enclosed. */
  readonly enclosed: readonly string[]
}

/** Points (1/72 inch). */
const PAGE = { width: 612, height: 792, margin: 72 }
/** The window of a No. 10 envelope lies 2 to 3⅛ inches below the top edge, ⅞ inch from the left. */
const WINDOW = { left: 72, top: 151, lines: 6, width: 300 }
const BODY_TOP = 290
const SIZE = 11
const LEADING = 15

/** Everything that is printed, in the letter's language. */
interface Words {
  readonly title: string
  readonly department: string
  readonly address: readonly string[]
  readonly date: string
  readonly mark: string
  readonly body: string
}

/** Lines for the window; the name stands above them where there is room and they lack it. */
function addressLines({ name, address }: Pick<Letter, 'name' | 'address'>): string[] {
  const lines = address.split('\n')
  const isNamed = !name || !lacksName(name, lines)
  return isNamed || lines.length === WINDOW.lines ? lines : [name, ...lines]
}

function wordsOf(letter: Letter, { departments, locales }: Agency): Words {
  const { agency } = departments
  const { language, receipt, text, enclosed } = letter
  const say = translate(locales, language)
  const inOurs = (words: Readonly<Record<string, string>>) =>
    inLanguage(words, language, agency.languages[0] ?? 'en')
  const files = enclosed.join(', ')
  return {
    title: inOurs(agency.name),
    department: inOurs(findDepartment(departments, letter.department)?.name ?? {}),
    address: addressLines(letter),
    date: new Intl.DateTimeFormat(language, {
      dateStyle: 'long',
      timeZone: agency.timeZone
    }).format(letter.date),
    mark: say('letter.receipt', { receipt }),
    body: files === '' ? text : `${text}\n\n${say('letter.enclosed', { files })}`
  }
}

async function typefaceOf(pdf: PDFDocument, { address, ...words }: Words): Promise<Typeface> {
  return embedTypeface(pdf, await chooseTypeface([...Object.values(words), ...address]))
}

/** @throws REPLY_LETTER for characters that cannot be printed */
export async function letterPdf(letter: Letter, agency: Agency): Promise<Uint8Array> {
  const pdf = await PDFDocument.create()
  const words = wordsOf(letter, agency)
  const { regular: font, bold } = await typefaceOf(pdf, words)
  const { title, mark } = words
  pdf.setTitle(`${title}, ${letter.receipt}`)
  pdf.setLanguage(letter.language)
  pdf.setCreationDate(letter.date)
  pdf.setModificationDate(letter.date)
  let page = pdf.addPage([PAGE.width, PAGE.height])
  draw(page, bold, title, PAGE.margin, PAGE.margin, 14)
  draw(page, font, words.department, PAGE.margin, PAGE.margin + 18)
  words.address.forEach((line, index) =>
    draw(page, font, line, WINDOW.left, WINDOW.top + index * LEADING)
  )
  draw(page, font, words.date, PAGE.margin, BODY_TOP - 2 * LEADING)
  draw(page, font, mark, PAGE.width - PAGE.margin - widthOf(font, mark), BODY_TOP - 2 * LEADING)
  let top = BODY_TOP
  for (const line of wrap(font, words.body, PAGE.width - 2 * PAGE.margin)) {
    if (top > PAGE.height - PAGE.margin - 2 * LEADING) {
      page = pdf.addPage([PAGE.width, PAGE.height])
      top = PAGE.margin
    }
    draw(page, font, line, PAGE.margin, top)
    top += LEADING
  }
  const pages = pdf.getPages()
  pages.forEach((one, index) => {
    const foot = `${title} · ${letter.receipt}${pages.length > 1 ? ` · ${index + 1}/${pages.length}` : ''}`
    draw(one, font, foot, PAGE.margin, PAGE.height - PAGE.margin + LEADING, 8)
  })
  return pdf.save()
}

/** Writes one line, `top` points below the upper edge. */
function draw(
  page: PDFPage,
  font: PDFFont,
  text: string,
  left: number,
  top: number,
  size = SIZE
): void {
  page.drawText(drawn(text), { x: left, y: PAGE.height - top - size, size, font })
}

function widthOf(font: PDFFont, text: string): number {
  return font.widthOfTextAtSize(drawn(text), SIZE)
}

/** @throws REPLY_LETTER, REPLY_WINDOW for what keeps a letter from being made */
export async function checkLetter(letter: Letter, agency: Agency): Promise<void> {
  const words = wordsOf(letter, agency)
  const { regular } = await typefaceOf(await PDFDocument.create(), words)
  const { address } = words
  if (
    address.length > WINDOW.lines ||
    address.some((line) => widthOf(regular, line) > WINDOW.width)
  )
    throw new EvenhandError('REPLY_WINDOW')
}

/** Lines that fit, broken between words, and within a word that alone is too long. */
function wrap(font: PDFFont, text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ').flatMap((one) => pieces(font, one, width))) {
      const longer = line === '' ? word : `${line} ${word}`
      if (widthOf(font, longer) <= width) line = longer
      else {
        lines.push(line)
        line = word
      }
    }
    return [...lines, line]
  })
}

function pieces(font: PDFFont, word: string, width: number): string[] {
  if (widthOf(font, word) <= width) return [word]
  const cut: string[] = ['']
  for (const one of word) {
    if (widthOf(font, cut.at(-1)! + one) <= width) cut[cut.length - 1] += one
    else cut.push(one)
  }
  return cut
}
