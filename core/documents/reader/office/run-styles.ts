import { isSignFont } from '../../../../platform/text/signs.ts'
import { isOn, walkXml, type XmlBudget } from './xml.ts'

/** What decides how words are meant: struck out, raised, lowered, marked, or not seen. */
export interface RunLook {
  struck: boolean
  raised: boolean
  lowered: boolean
  hidden: boolean
  /** Laid over with a colour, or framed, as people do who choose one of several words. */
  marked: boolean
  /** Named only for fonts whose letters are pictures (Wingdings and the like). */
  font: string | undefined
}

export const plainRun: Readonly<RunLook> = {
  struck: false,
  raised: false,
  lowered: false,
  hidden: false,
  marked: false,
  font: undefined
}

/** Takes in one property of a run: WordprocessingML's elements. */
export function applyProperty(look: RunLook, name: string, value: string | undefined): void {
  if (name === 'strike' || name === 'dstrike') look.struck = isOn(value)
  else if (name === 'vanish') look.hidden = isOn(value)
  else if (name === 'vertAlign') {
    look.raised = value === 'superscript'
    look.lowered = value === 'subscript'
  } else if (name === 'highlight' || name === 'bdr')
    look.marked = value !== undefined && !/^(none|nil)$/.test(value)
}

/** Takes in the fonts of a run (w:rFonts); others than those of signs make no difference. */
export function applyFonts(
  look: RunLook,
  { ascii, hAnsi, cs }: Readonly<Record<string, string>>
): void {
  const font = ascii ?? hAnsi ?? cs
  if (font !== undefined) look.font = isSignFont(font) ? font : undefined
}

/** DrawingML's attributes of a run (ISO 29500-1, 21.1.2.3.9). */
export function applyAttributes(
  look: RunLook,
  { strike, baseline }: Readonly<Record<string, string>>
): void {
  if (strike !== undefined) look.struck = strike !== 'noStrike'
  if (baseline === undefined) return
  look.raised = Number.parseInt(baseline) > 0
  look.lowered = Number.parseInt(baseline) < 0
}

/** What a style says of its paragraphs' place in lists. */
export interface ListPlace {
  list?: string
  level?: string
  /** The style that says so: a level of the list may be meant for it. */
  listStyle?: string
}

interface Style {
  readonly look: Partial<RunLook> & ListPlace
  readonly basedOn?: string
}

/** Deeper than any template builds its styles on one another. */
const MOST_STEPS = 20

/** The looks of a Word document's styles by their id. */
export function runStyles(
  content: Uint8Array | undefined,
  budget: XmlBudget
): (id: string | undefined) => Partial<RunLook> & ListPlace {
  const styles = new Map<string, Style>()
  if (content) collect(content, styles, budget)
  return (id) => {
    const chain: Style['look'][] = []
    for (
      let style = styles.get(id ?? '');
      style && chain.length < MOST_STEPS;
      style = styles.get(style.basedOn ?? '')
    )
      chain.unshift(style.look)
    return Object.assign({}, ...chain) as Style['look']
  }
}

function collect(content: Uint8Array, styles: Map<string, Style>, budget: XmlBudget): void {
  let style: { id: string; look: Style['look']; basedOn?: string } | undefined
  const path: string[] = []
  walkXml(
    content,
    {
      open: (name, attributes) => {
        const { styleId, val } = attributes
        if (name === 'style') style = { id: styleId ?? '', look: {} }
        else if (style && name === 'basedOn' && val !== undefined) style.basedOn = val
        else if (style && path.at(-1) === 'rPr') {
          if (name === 'rFonts') applyFonts(style.look as RunLook, attributes)
          else applyProperty(style.look as RunLook, name, val)
        } else if (style && path.at(-1) === 'numPr' && val !== undefined) {
          if (name === 'numId') Object.assign(style.look, { list: val, listStyle: style.id })
          if (name === 'ilvl') style.look.level = val
        }
        path.push(name)
      },
      close: (name) => {
        path.pop()
        if (name === 'style' && style) styles.set(style.id, style)
      }
    },
    budget
  )
}
