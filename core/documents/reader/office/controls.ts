import { isSignFont, signOf } from '../../../../platform/text/signs.ts'
import { isOn, type Attributes } from './xml.ts'

const TICKED = '[x]'
const OPEN = '[ ]'

/** What a control or an old form field shows of its own, beside the words around it. */
export interface Control {
  checkbox?: boolean
  placeholder?: boolean
}

/** Takes in a property of a content control. */
export function applyControl(control: Control, name: string, { val }: Attributes): void {
  if (name === 'checkbox') control.checkbox ??= false
  else if (name === 'checked') control.checkbox = isOn(val)
  else if (name === 'showingPlcHdr') control.placeholder = isOn(val)
}

export function tick(ticked: boolean): string {
  return ticked ? TICKED : OPEN
}

/** An old form field: a box, or a list of which one entry is chosen by its number. */
export class FormField {
  readonly #entries: string[] = []
  #result: string | undefined
  #fallback: string | undefined
  #checked: boolean | undefined

  apply(name: string, { val }: Attributes): void {
    if (name === 'listEntry') this.#entries.push(val ?? '')
    else if (name === 'result') this.#result = val
    else if (name === 'default') this.#fallback = val ?? '1'
    else if (name === 'checked') this.#checked = isOn(val)
  }

  /** As it is shown; undefined for one that holds text, which stands beside it. */
  shown(name: string): string | undefined {
    if (name === 'checkBox')
      return tick(this.#checked ?? (this.#fallback !== undefined && isOn(this.#fallback)))
    return name === 'ddList'
      ? (this.#entries[Number(this.#result ?? this.#fallback ?? 0)] ?? '')
      : undefined
  }
}

/** A sign of such a font (w:sym); undefined where it is in no table. */
export function signText({ font = '', char = '' }: Attributes): string | undefined {
  return isSignFont(font) ? signOf(font, Number.parseInt(char, 16)) : undefined
}

/** Boxes that are letters. */
export function boxesAsMarks(text: string): string {
  return text.replace(/[\u2611\u2612\u2610]/g, (box) => tick(box !== '\u2610'))
}
