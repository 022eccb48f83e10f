import { partsOf, relationsOf, type Contents } from './contents.ts'
import { drawn, joinTexts, textOfPart, textsOf } from './word.ts'
import { walkXml } from './xml.ts'

/**
 * A presentation: each slide by its number as it is shown, its notes and comments after it, the
 * words of charts, and those that masters put on every slide.
 */
export async function slidesText(contents: Contents): Promise<string> {
  const authors = await authorsOf(contents)
  const texts: string[] = []
  const slides = await slidesInOrder(contents)
  for (const [index, name] of slides.entries())
    texts.push(await slideText(contents, name, index + 1, authors))
  return joinTexts([
    ...texts,
    ...(await textsOf(contents, drawn)),
    ...(await masterTexts(contents, slides))
  ])
}

async function slidesInOrder(contents: Contents): Promise<string[]> {
  const [main] = partsOf(contents, /\.main\+xml$/i)
  const content = main ? await contents.parts.read(main) : undefined
  const relations = new Map(
    main ? (await relationsOf(contents, main)).map(({ id, target }) => [id, target]) : []
  )
  const order: string[] = []
  if (content)
    walkXml(
      content,
      {
        open: (name, attributes) => {
          if (name === 'sldId') order.push(relations.get(relationId(attributes)) ?? '')
        }
      },
      contents.budget
    )
  const all = partsOf(contents, /presentationml\.slide\+xml$/i)
  return [
    ...order.filter((name) => contents.parts.has(name)),
    ...all.filter((name) => !order.includes(name))
  ]
}

/** The id of a relation; the attribute `id` beside it is the slide's or the sheet's own. */
export function relationId(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes).find(([name]) => name.endsWith(':id'))?.[1] ?? ''
}

async function slideText(
  contents: Contents,
  name: string,
  number: number,
  authors: ReadonlyMap<string, string>
): Promise<string> {
  const relations = await relationsOf(contents, name)
  const of = (type: RegExp) =>
    relations.filter((relation) => type.test(relation.type)).map(({ target }) => target)
  const texts = [await textOfPart(contents, name)]
  for (const notes of of(/^notesSlide$/))
    texts.push(labelled('Notes', await textOfPart(contents, notes)))
  for (const comments of of(/^comments$/))
    texts.push(await textOfPart(contents, comments, { authors }))
  const text = joinTexts(texts)
  return text === ''
    ? ''
    : `${(await isHidden(contents, name)) ? 'Hidden slide' : 'Slide'} ${number}\n${text}`
}

function labelled(label: string, text: string): string {
  // The number of the page is all that a page of notes without notes has.
  return /\D/.test(text) ? `${label}: ${text}` : ''
}

/** What the layouts and masters of these slides show on them. */
async function masterTexts(contents: Contents, slides: readonly string[]): Promise<string[]> {
  const layouts = await targetsOf(contents, slides, 'slideLayout')
  const texts = new Set<string>()
  for (const name of [...layouts, ...(await targetsOf(contents, layouts, 'slideMaster'))])
    texts.add(await textOfPart(contents, name, { skipPlaceholders: true }))
  return [...texts].map((text) => labelled('On every slide', text))
}

async function targetsOf(
  contents: Contents,
  names: readonly string[],
  type: string
): Promise<string[]> {
  const targets = new Set<string>()
  for (const name of names)
    for (const relation of await relationsOf(contents, name))
      if (relation.type === type) targets.add(relation.target)
  return [...targets]
}

async function isHidden({ parts, budget }: Contents, slide: string): Promise<boolean> {
  let hidden = false
  walkXml(
    (await parts.read(slide)) ?? new Uint8Array(),
    {
      open: (name, { show }) => {
        hidden ||= name === 'sld' && /^(0|false)$/.test(show ?? '')
      }
    },
    budget
  )
  return hidden
}

async function authorsOf(contents: Contents): Promise<Map<string, string>> {
  const authors = new Map<string, string>()
  for (const part of partsOf(contents, /commentAuthors\+xml$|powerpoint\.authors\+xml$/i)) {
    walkXml(
      (await contents.parts.read(part)) ?? new Uint8Array(),
      {
        open: (name, { id, name: called }) => {
          if (/^(cmAuthor|author)$/.test(name) && id && called) authors.set(id, called)
        }
      },
      contents.budget
    )
  }
  return authors
}
