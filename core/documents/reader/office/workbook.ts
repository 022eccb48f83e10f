import { formatCode } from './cell-values.ts'
import { partsOf, relationsOf, type Contents } from './contents.ts'
import { relationId } from './slides.ts'
import { isOn, walkXml } from './xml.ts'

export interface SheetPart {
  readonly name: string
  readonly hidden: boolean
  readonly part: string
}

/** What the cells of all sheets of a workbook refer to. */
export interface Workbook {
  readonly sheets: readonly SheetPart[]
  readonly from1904: boolean
  readonly strings: readonly string[]
  /** Format and strike-out by a cell's style. */
  readonly styles: readonly CellStyle[]
}

export interface CellStyle {
  readonly code: string
  readonly struck: boolean
}

export async function readWorkbook(contents: Contents): Promise<Workbook> {
  const [main = ''] = partsOf(contents, /\.main\+xml$/i)
  const relations = await relationsOf(contents, main)
  const content = async (type: string) => {
    const target = relations.find((relation) => relation.type === type)?.target
    return (target ? await contents.parts.read(target) : undefined) ?? new Uint8Array()
  }
  const targets = new Map(relations.map(({ id, target }) => [id, target]))
  const sheets: SheetPart[] = []
  let from1904 = false
  walkXml(
    (await contents.parts.read(main)) ?? new Uint8Array(),
    {
      open: (name, attributes) => {
        if (name === 'workbookPr')
          from1904 = attributes['date1904'] !== undefined && isOn(attributes['date1904'])
        const part = name === 'sheet' ? targets.get(relationId(attributes)) : undefined
        if (part)
          sheets.push({
            name: attributes['name'] ?? '',
            hidden: /hidden/i.test(attributes['state'] ?? ''),
            part
          })
      }
    },
    contents.budget
  )
  return {
    sheets,
    from1904,
    strings: sharedStrings(await content('sharedStrings'), contents),
    styles: cellStyles(await content('styles'), contents)
  }
}

/**
 * One text made of runs, as strings of cells and comments are; readings of Japanese names are left
 * out.
 */
export class RunText {
  #text = ''
  #struck = false
  #raised = false
  #phonetic = 0

  open(name: string, val: string | undefined): void {
    if (name === 'rPh') this.#phonetic += 1
    else if (name === 'r') this.#struck = this.#raised = false
    else if (name === 'strike') this.#struck = isOn(val)
    else if (name === 'vertAlign') this.#raised = val === 'superscript'
  }

  close(name: string): void {
    if (name === 'rPh') this.#phonetic -= 1
    if (name === 'r') this.#struck = this.#raised = false
  }

  text(text: string): void {
    if (this.#phonetic > 0 || text === '') return
    // A run comes in pieces where it has entities.
    this.#text += `${this.#raised ? '^' : ''}${this.#struck ? `~~${text}~~` : text}`
    this.#raised = false
  }

  take(): string {
    const text = this.#text.replaceAll('~~~~', '')
    this.#text = ''
    return text
  }
}

function sharedStrings(content: Uint8Array, { budget }: Contents): string[] {
  const strings: string[] = []
  const run = new RunText()
  let inText = false
  walkXml(
    content,
    {
      open: (name, { val }) => {
        run.open(name, val)
        inText = name === 't'
      },
      text: (text) => {
        if (inText) run.text(text)
      },
      close: (name) => {
        run.close(name)
        inText = false
        if (name === 'si') strings.push(run.take())
      }
    },
    budget
  )
  return strings
}

function cellStyles(content: Uint8Array, { budget }: Contents): CellStyle[] {
  const [codes, fonts, styles] = [new Map<number, string>(), [] as boolean[], [] as CellStyle[]]
  const path: string[] = []
  walkXml(
    content,
    {
      open: (name, { numFmtId, formatCode: code, fontId, val }) => {
        const parent = path.at(-1)
        if (name === 'numFmt' && parent === 'numFmts') codes.set(Number(numFmtId), code ?? '')
        if (name === 'font' && parent === 'fonts') fonts.push(false)
        if (name === 'strike' && parent === 'font' && path.at(-2) === 'fonts')
          fonts[fonts.length - 1] = isOn(val)
        if (name === 'xf' && parent === 'cellXfs')
          styles.push({
            code: formatCode(Number(numFmtId ?? 0), codes),
            struck: fonts[Number(fontId ?? 0)] ?? false
          })
        path.push(name)
      },
      close: () => {
        path.pop()
      }
    },
    budget
  )
  return styles
}
