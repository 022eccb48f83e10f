import type { Contents } from './contents.ts'
import { Grid } from './grid.ts'
import { OdfReading } from './odf-reading.ts'
import { OdfStyles } from './odf-styles.ts'
import { joinTexts } from './word.ts'
import { walkXml } from './xml.ts'

/**
 * A text, spreadsheet, presentation or drawing: headers, content with comments and controls,
 * footers, and the words of objects in it such as charts.
 */
export async function openDocumentText(contents: Contents): Promise<string> {
  const { parts, budget } = contents
  const content = (await parts.read('content.xml')) ?? new Uint8Array()
  const own = await parts.read('styles.xml')
  const styles = new OdfStyles()
  if (own) styles.collect(own, budget)
  styles.collect(content, budget)
  const margins = own ? read(own, contents, styles, 'margins') : []
  const body = read(content, contents, styles, 'body')
  const objects: string[] = []
  for (const name of parts.names.filter((one) => /^[^/]+\/content\.xml$/.test(one)))
    objects.push(...read((await parts.read(name)) ?? new Uint8Array(), contents, styles, 'body'))
  return joinTexts([...new Set([...margins, ...body, ...objects])])
}

function read(
  content: Uint8Array,
  contents: Contents,
  styles: OdfStyles,
  what: 'margins' | 'body'
): string[] {
  const grid = new Grid()
  const reading = new OdfReading({
    styles,
    contents,
    grid,
    isSheet: what === 'body' && /spreadsheet/.test(contents.typeOf('')),
    onlyMargins: what === 'margins'
  })
  walkXml(content, reading, contents.budget)
  if (grid.full) contents.notes.add('It has more cells or letters than are read by machine.')
  return [grid.toString(), reading.outsideCells()]
}
