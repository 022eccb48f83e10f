import { compile } from 'html-to-text'
import { EvenhandError } from '../../core/errors.ts'
import { readLimits } from './limits.ts'

const convert = compile({
  wordwrap: false,
  limits: { maxInputLength: readLimits.htmlLength, maxDepth: readLimits.htmlDepth },
  selectors: [
    // An image is a document of its own; its address would only be noise, or a tracking pixel.
    { selector: 'img', format: 'skip' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    { selector: 'table', format: 'block' },
    { selector: 'h1', options: { uppercase: false } },
    { selector: 'h2', options: { uppercase: false } },
    { selector: 'h3', options: { uppercase: false } },
    { selector: 'h4', options: { uppercase: false } },
    { selector: 'h5', options: { uppercase: false } },
    { selector: 'h6', options: { uppercase: false } }
  ]
})

/**
 * HTML as plain text: no scripts, styles, images or markup are left.
 * @throws EvenhandError READ_LIMIT when it is longer or nested deeper than is converted.
 */
export function htmlText(html: string): string {
  const light = html.replace(/\bdata:[^"'\s)>]{200,}/g, '')
  if (light.length > readLimits.htmlLength) throw new EvenhandError('READ_LIMIT', `more than ${readLimits.htmlLength} characters of HTML`)
  const { tags, depth } = measure(light)
  if (tags > readLimits.htmlTags) throw new EvenhandError('READ_LIMIT', `more than ${readLimits.htmlTags} HTML tags`)
  if (depth > readLimits.htmlDepth) throw new EvenhandError('READ_LIMIT', `HTML nested deeper than ${readLimits.htmlDepth}`)
  return convert(light).replace(/\n{3,}/g, '\n\n').trim()
}

// Elements without an end tag, or whose end tag may be left out: a run of them does not nest.
const flat = /^(area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|dt|dd|option|optgroup|tr|td|th|thead|tbody|tfoot|rt|rp)$/

/** The start tags, and the most elements open at once: an upper bound of the nesting, in one pass. */
function measure(html: string): { tags: number, depth: number } {
  let [tags, open, depth] = [0, 0, 0]
  for (const [, end, name] of html.matchAll(/<(\/?)([a-z][a-z0-9:]{0,20})/gi)) {
    if (!end) tags += 1
    if (flat.test(name!.toLowerCase())) continue
    open = end ? Math.max(0, open - 1) : open + 1
    depth = Math.max(depth, open)
  }
  return { tags, depth }
}
