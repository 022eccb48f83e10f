/**
 * The typeface that a letter is printed in: Helvetica, which every PDF reader has, where it has all
 * of the letter's characters; else DejaVu Sans, embedded. What neither has, or what has to be
 * joined or read from the right, is not printed at all: a letter never holds a box or a question
 * mark in place of a name.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fontkit from '@cantoo/fontkit'
import { PDFDocument, StandardFonts, type PDFFont } from '@cantoo/pdf-lib'
import { EvenhandError } from '../../platform/errors.ts'

export interface Typeface {
  readonly regular: PDFFont
  readonly bold: PDFFont
}

const fonts = path.join(
  path.dirname(fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/package.json'))),
  'ttf'
)

type Kind = 'western' | 'wide'
const kinds: readonly Kind[] = ['western', 'wide']

/** Scripts that stand letter by letter, from left to right. */
const simple =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Common}\p{Script=Inherited}]$/u

/** Characters told of one letter; more say no more. */
const MOST_TOLD = 20

/** The text as it is drawn: letters with their accents as one, and nothing that is not seen. */
export function drawn(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll('\t', '    ')
    .replace(/[^\S\n]/g, ' ')
    .replace(/(?!\n)[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu, '')
}

/** The typeface that has all of these words. @throws REPLY_LETTER naming characters that none has */
export async function chooseTypeface(words: readonly string[]): Promise<Kind> {
  const characters = [...new Set(drawn(words.join(' ').replaceAll('\n', ' ')))]
  const sets = await characterSets()
  const kind = kinds.find((one) => characters.every((character) => sets[one](character)))
  if (kind) return kind
  const lacking = characters.filter((one) => !sets.wide(one))
  throw new EvenhandError('REPLY_LETTER', lacking.slice(0, MOST_TOLD).join(' '))
}

export async function embedTypeface(pdf: PDFDocument, kind: Kind): Promise<Typeface> {
  if (kind === 'western')
    return {
      regular: await pdf.embedFont(StandardFonts.Helvetica),
      bold: await pdf.embedFont(StandardFonts.HelveticaBold)
    }
  pdf.registerFontkit(fontkit)
  const embed = async (name: string) => pdf.embedFont(await fontFile(name), { subset: true })
  return {
    regular: await embed('DejaVuSansCondensed'),
    bold: await embed('DejaVuSansCondensed-Bold')
  }
}

function fontFile(name: string): Promise<Uint8Array> {
  return fs.readFile(path.join(fonts, `${name}.ttf`))
}

let known: Promise<Readonly<Record<Kind, (character: string) => boolean>>> | undefined

function characterSets() {
  return (known ??= readSets())
}

async function readSets(): Promise<Readonly<Record<Kind, (character: string) => boolean>>> {
  const pdf = await PDFDocument.create()
  const [western, wide] = await Promise.all(
    kinds.map(async (kind) => {
      const { regular, bold } = await embedTypeface(pdf, kind)
      const strong = new Set(bold.getCharacterSet())
      return new Set(regular.getCharacterSet().filter((code) => strong.has(code)))
    })
  )
  return {
    western: (character) => western!.has(character.codePointAt(0)!),
    wide: (character) => simple.test(character) && wide!.has(character.codePointAt(0)!)
  }
}
