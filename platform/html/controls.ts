/**
 * What the fields of a form show: a form filled in and sent as HTML has its answers in attributes.
 */

type Attributes = Readonly<Record<string, string>>

/** Kinds of input whose value is not shown, or is the name of a button. */
const unshown = /^(hidden|password|submit|button|reset|image|file)$/

/**
 * What a field shows by its attributes: its value, whether it is ticked, how far it has come; empty
 * where it shows nothing.
 */
export function fieldText(name: string, attributes: Attributes): string {
  if (name === 'meter' || name === 'progress')
    return attributes['value'] === undefined
      ? ''
      : `[${attributes['value'].trim()} / ${attributes['max']?.trim() ?? '1'}]`
  if (name !== 'input') return ''
  const type = (attributes['type'] ?? 'text').trim().toLowerCase()
  if (type === 'checkbox' || type === 'radio') return 'checked' in attributes ? '[x]' : '[ ]'
  return unshown.test(type) ? '' : (attributes['value'] ?? '')
}

interface Entry {
  readonly chosen: boolean
  readonly off: boolean
  readonly label: string | undefined
  text: string
}

/**
 * A choice while it is read. What it shows is known at its end: without a mark a browser shows the
 * first entry that can be chosen.
 */
export class Choice {
  /** Several may be chosen; each has a line. */
  readonly several: boolean
  readonly #listed: boolean
  readonly #entries: Entry[] = []
  #groupOff = false
  #open: Entry | undefined

  constructor(attributes: Attributes) {
    this.several = 'multiple' in attributes
    this.#listed = this.several || Number.parseInt(attributes['size'] ?? '', 10) > 1
  }

  /** An element inside; answers with what its end does. */
  begin(name: string, attributes: Attributes): () => void {
    if (name === 'optgroup') this.#groupOff = 'disabled' in attributes
    if (name === 'optgroup')
      return () => {
        this.#groupOff = false
      }
    if (name !== 'option') return () => undefined
    this.#open = {
      chosen: 'selected' in attributes,
      off: this.#groupOff || 'disabled' in attributes,
      label: attributes['label'] || undefined,
      text: ''
    }
    this.#entries.push(this.#open)
    return () => {
      this.#open = undefined
    }
  }

  write(text: string): void {
    if (this.#open) this.#open.text += text
  }

  get shown(): string[] {
    const chosen = this.#entries.filter((entry) => entry.chosen)
    const entries = this.several
      ? chosen
      : chosen.length > 0
        ? chosen.slice(-1)
        : this.#listed
          ? []
          : this.#entries.filter((entry) => !entry.off).slice(0, 1)
    return entries
      .map(({ label, text }) => (label ?? text).replace(/\s+/g, ' ').trim())
      .filter((text) => text !== '')
  }
}
