import { partsOf, relationsOf, type Contents } from './contents.ts'
import { richText, type RichTextOptions } from './rich-text.ts'
import { runStyles } from './run-styles.ts'
import { WordLists } from './word-lists.ts'

const HIDDEN = 'It has hidden text, which was left out.'

const UNKNOWN_SIGN = 'It has signs of a font of pictures that could not be told.'

/** Parts of a Word document whose words are shown, in the order in which they are written out. */
const shown = [
  /\.header\+xml$/i,
  /\.main\+xml$/i,
  /\.footer\+xml$/i,
  /wordprocessingml\.footnotes\+xml$/i,
  /wordprocessingml\.endnotes\+xml$/i,
  /wordprocessingml\.comments\+xml$/i
] as const

/** Charts and drawings of any office file. */
export const drawn: readonly RegExp[] = [
  /drawingml\.chart\+xml$/i,
  /drawingml\.diagramData\+xml$/i,
  /drawingml\.chartshapes\+xml$/i,
  /ms-office\.chartex\+xml$/i
]

/** A Word document: headers, body, footers, notes, comments, and the words of charts. */
export async function wordText(contents: Contents): Promise<string> {
  const [main] = partsOf(contents, /\.main\+xml$/i)
  const styles = main
    ? (await relationsOf(contents, main)).find(({ type }) => type === 'styles')?.target
    : undefined
  const numbering = main
    ? (await relationsOf(contents, main)).find(({ type }) => type === 'numbering')?.target
    : undefined
  const lists = new WordLists(
    numbering ? await contents.parts.read(numbering) : undefined,
    contents.budget
  )
  const styleOf = runStyles(styles ? await contents.parts.read(styles) : undefined, contents.budget)
  return joinTexts(await textsOf(contents, [...shown, ...drawn], { styleOf, lists }))
}

/**
 * The words of parts of these types; a text that is the same twice, as in headers of sections, is
 * there once.
 */
export async function textsOf(
  contents: Contents,
  types: readonly RegExp[],
  options: Partial<RichTextOptions> = {}
): Promise<string[]> {
  const texts: string[] = []
  for (const name of types.flatMap((type) => partsOf(contents, type)))
    texts.push(await textOfPart(contents, name, options))
  return [...new Set(texts)]
}

export async function textOfPart(
  contents: Contents,
  name: string,
  options: Partial<RichTextOptions> = {}
): Promise<string> {
  const content = await contents.parts.read(name)
  return content
    ? richText(content, {
        budget: contents.budget,
        onHidden: () => contents.notes.add(HIDDEN),
        onUnknownSign: () => contents.notes.add(UNKNOWN_SIGN),
        ...options
      })
    : ''
}

export function joinTexts(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n')
}
