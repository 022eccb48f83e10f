import type { RunLook } from './run-styles.ts'
import { walkXml, type XmlBudget } from './xml.ts'

export interface OdfStyle {
  readonly look: Partial<RunLook>
  /** A sheet of this style is not shown. */
  readonly hiddenTable: boolean
  readonly parent: string | undefined
}

const MOST_STEPS = 20

/** Styles of a document by family and name, its own and those made while writing. */
export class OdfStyles {
  readonly #styles = new Map<string, OdfStyle>()

  collect(content: Uint8Array, budget: XmlBudget): void {
    let style:
      | { key: string; look: Partial<RunLook>; hiddenTable: boolean; parent: string | undefined }
      | undefined
    walkXml(
      content,
      {
        open: (name, attributes) => {
          const { family = '', name: called = '', 'parent-style-name': parent } = attributes
          if (name === 'style')
            style = { key: `${family} ${called}`, look: {}, hiddenTable: false, parent }
          else if (style && name === 'text-properties') style.look = lookOf(attributes)
          else if (style && name === 'table-properties')
            style.hiddenTable =
              attributes['table:display'] === 'false' || attributes['display'] === 'false'
        },
        close: (name) => {
          if (name !== 'style' || !style) return
          this.#styles.set(style.key, style)
          style = undefined
        }
      },
      budget
    )
  }

  look(family: 'text' | 'paragraph' | 'table-cell', name: string | undefined): Partial<RunLook> {
    const chain: Partial<RunLook>[] = []
    for (
      let style = this.#styles.get(`${family} ${name ?? ''}`);
      style && chain.length < MOST_STEPS;
      style = this.#styles.get(`${family} ${style.parent ?? ''}`)
    )
      chain.unshift(style.look)
    return Object.assign({}, ...chain) as Partial<RunLook>
  }

  isHiddenTable(name: string | undefined): boolean {
    return this.#styles.get(`table ${name ?? ''}`)?.hiddenTable ?? false
  }
}

/** OpenDocument 1.3, part 3, 20.386 to 20.418: only what is said counts, the rest is inherited. */
function lookOf(attributes: Readonly<Record<string, string>>): Partial<RunLook> {
  const {
    'text-line-through-style': line,
    'text-line-through-type': lineType,
    'text-position': position,
    display
  } = attributes
  const struck = line ?? lineType
  return {
    ...(struck !== undefined ? { struck: struck !== 'none' } : {}),
    ...(position !== undefined ? { raised: isRaised(position), lowered: isLowered(position) } : {}),
    ...(display !== undefined ? { hidden: display === 'none' } : {})
  }
}

function isRaised(position: string): boolean {
  return position.startsWith('super') || Number.parseFloat(position) > 0
}

function isLowered(position: string): boolean {
  return position.startsWith('sub') || Number.parseFloat(position) < 0
}
