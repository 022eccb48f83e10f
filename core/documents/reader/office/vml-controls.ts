/** Form controls that Excel keeps in a sheet's drawing (VML): their captions and what they hold. */
import { tick } from './controls.ts'
import type { Contents } from './contents.ts'
import { walkXml } from './xml.ts'

const VALUES = 'It has form controls whose values are not read.'

interface Shape {
  caption: string
  kind: string
  checked: boolean
}

/** A line for each box and button; lists and sliders are said to be not read. */
export function vmlControls(content: Uint8Array | undefined, contents: Contents): string[] {
  try {
    return content ? controlsIn(content, contents) : []
  } catch {
    // Excel writes lines of captions as HTML does, without closing them: that is no damaged file.
    if (/ObjectType="(?!Note")/.test(Buffer.from(content ?? []).toString('latin1')))
      contents.notes.add(VALUES)
    return []
  }
}

function controlsIn(content: Uint8Array, contents: Contents): string[] {
  const lines: string[] = []
  let shape: Shape | undefined
  let inside = ''
  walkXml(
    content,
    {
      open: (name, { ObjectType = '' }) => {
        inside = name
        if (name === 'shape') shape = { caption: '', kind: '', checked: false }
        else if (shape && name === 'ClientData') shape.kind = ObjectType
        else if (shape && name === 'Checked') shape.checked = false
      },
      text: (text) => {
        if (!shape) return
        if (inside === 'Checked') shape.checked = text.trim() === '1'
        else if (shape.kind === '') shape.caption += text
      },
      close: (name) => {
        inside = ''
        if (name !== 'shape' || !shape) return
        lines.push(...lineOf(shape, contents))
        shape = undefined
      }
    },
    contents.budget
  )
  return lines
}

function lineOf({ caption, kind, checked }: Shape, { notes }: Contents): string[] {
  const text = caption.replace(/\s+/g, ' ').trim()
  if (kind === 'Checkbox' || kind === 'Radio') return [`${tick(checked)} ${text}`.trim()]
  if (/^(List|Drop|Spin|Scroll|Edit)$/.test(kind)) notes.add(VALUES)
  return /^(Button|Label|GBox|Dialog)$/.test(kind) && text !== '' ? [text] : []
}
