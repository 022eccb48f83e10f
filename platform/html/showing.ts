/**
 * What HTML may show that its text does not say. The list is of what says nothing: one of all that
 * says something would never be whole.
 */

import { namesIn } from './names.ts'

/**
 * `around-words`: says something where it marks words within a line, as a box around one of two
 * answers does, and nothing around blocks and cells.
 */
export type Showing = 'nothing' | 'around-words' | 'something'

/**
 * Properties that leave the words, their order and their signs as they are, and those that are read
 * (styles.ts).
 */
const idle = new RegExp(
  `^(?:${[
    'color',
    'caret-color',
    'color-scheme',
    'supported-color-schemes',
    'font',
    'font-(family|size|weight|style|stretch|kerning|size-adjust|optical-sizing|variation-settings|variant-(ligatures|numeric|alternates|emoji|east-asian))',
    'line-height',
    'letter-spacing',
    'word-(spacing|break|wrap)',
    'overflow(-wrap|-x|-y)?',
    'line-break',
    'hyphens',
    'text-align(-last)?',
    'text-(justify|rendering|size-adjust|autospace|indent|wrap(-mode|-style)?)',
    'text-underline-[a-z]+',
    'text-decoration(-line|-style|-color|-thickness|-skip|-skip-ink)?',
    'margin(-[a-z]+)*',
    'padding(-[a-z]+)*',
    '(min-|max-)?(width|height)',
    'box-sizing',
    'border-(collapse|spacing|radius)',
    'table-layout',
    'caption-side',
    'empty-cells',
    'orphans',
    'widows',
    'page(-break-[a-z]+)?',
    'break-[a-z]+',
    'size',
    'tab-(size|stops|interval)',
    'cursor',
    'zoom',
    'punctuation-wrap',
    'layout-grid(-[a-z]+)*',
    'language',
    'visibility',
    'opacity',
    'white-space(-collapse)?',
    'panose-1',
    'unicode-range',
    'user-select',
    'mso-(?!highlight|text-raise|char-wrap|text-animation|border|effects|hide)[a-z-]+',
    '-webkit-(text-size-adjust|text-stroke-width|nbsp-mode|line-break|font-smoothing|tap-highlight-color|box-sizing|hyphens)',
    '-ms-(text-size-adjust|interpolation-mode|word-break)',
    '-moz-osx-font-smoothing',
    'x-apple-[a-z-]+'
  ].join('|')})$`
)

const none = /^(none|normal|auto|initial|inherit|unset|revert)$/
const zero = /^0(px|pt|em|%)?$/
/** Of those that say nothing, values that hide words or lay them over others. */
const hiding: readonly (readonly [property: RegExp, value: RegExp])[] = [
  [
    /^(line-height|font-size|(max-)?(height|width))$/,
    /^(0?\.\d+|[0-5](\.\d+)?)(px|pt)|^0+(\.0+)?(em|%)?$/
  ],
  [/^opacity$/, /^0?\.[0-4]|^[0-4]\d?(\.\d+)?%/],
  [
    /^(letter-spacing|word-spacing|margin.*|padding.*)$/,
    /(^|\s)-(?!0?\.\d+(pt|px|in|em)\b)(?!\.?0(\D|$))/
  ],
  [
    /^color$/,
    /^(#?f[a-f0-9]f[a-f0-9]f[a-f0-9]|#?fff|white|rgba?\(25\d,\s*25\d,\s*25\d.*|rgba\(.*,\s*0?\.[0-4]\d*\))$/
  ],
  [/^visibility$/, /^collapse$/]
]
const white =
  /^(#?fff(fff)?|white|transparent|inherit|initial|unset|none|window|rgb\(255,\s*255,\s*255\)|rgba\((255,\s*255,\s*255,\s*[\d.]+|\d+,\s*\d+,\s*\d+,\s*0(\.0+)?)\))( none| repeat| scroll| 0%| 0)*$/

/** Values by which other properties say nothing. */
const idleValues: readonly (readonly [property: RegExp, value: RegExp])[] = [
  [
    /^display$/,
    /^(block|inline|inline-block|table(-[a-z-]+)?|inline-table|list-item|none|initial|inherit)$/
  ],
  [/^background(-color)?$/, white],
  [/^position$/, /^(static|relative)$/],
  [/^direction$/, /^(ltr|rtl|inherit|initial)$/],
  [/^unicode-bidi$/, /^(normal|embed|isolate|plaintext|initial|inherit)$/],
  [/^list-style(-type|-position)?$/, /^[a-z -]+$/],
  [/^mso-hide$/, /^all$/],
  [/^mso-border[a-z-]*$/, /^none|^0|^[a-z]*$/],
  [/^content$/, /^(none|normal)$/]
]

/** What a declaration shows. @param value in lower case */
export function showingOf(property: string, value: string): Showing {
  if (/url\s*\(|\b(var|attr|env|image|image-set)\s*\(|gradient\s*\(|\\/.test(value))
    return 'something'
  // A property in another spelling: escaped, with a comment inside.
  if (
    !/^-?[a-z][a-z-]*\d?$/.test(property) ||
    hiding.some(([known, values]) => known.test(property) && values.test(value))
  )
    return 'something'
  if (idle.test(property)) return 'nothing'
  if (property === 'vertical-align')
    return /^(baseline|middle|super|sub|inherit|initial|[-+]?[\d.]+(%|[a-z]{1,4})?)$/.test(value)
      ? 'nothing'
      : 'around-words'
  if (
    /^border(-|$)/.test(property) &&
    !none.test(value.split(' ')[0]!) &&
    !zero.test(value.split(' ')[0]!)
  )
    return property === 'border-image' ? 'something' : 'around-words'
  return none.test(value) ||
    (zero.test(value) &&
      /^(top|left|right|bottom|inset|order|flex|text-shadow|box-shadow|outline)$/.test(property)) ||
    /^border(-|$)/.test(property) ||
    idleValues.some(([known, values]) => known.test(property) && values.test(value))
    ? 'nothing'
    : 'something'
}

/** @-blocks that show nothing on a screen. */
export function isIdleBlock(head: string, body: string): boolean {
  return (
    /^@(page|list|charset|namespace|(-\w+-)?viewport|media\s+print)\b/i.test(head) ||
    (/^@font-face\b/i.test(head) && !/\bsrc\s*:/i.test(body))
  )
}

/** Elements that show more than the words inside them, or others. */
const showing =
  /^(object|applet|embed|iframe|frame|frameset|fencedframe|video|audio|canvas|svg|math|bdo|base|mark|xmp|plaintext|listing|marquee|area|dialog|slot|noframes|noembed|v:.*)$/
/** Blocks and cells, around which a border or a background marks no words. */
const blocks = namesIn(`
  html body center div p table tbody thead tfoot tr td th blockquote hr ul ol li dl dt dd h1 h2
  h3 h4 h5 h6 pre section article header footer main aside nav figure figcaption address
  fieldset img
`)

export function isBlock(name: string): boolean {
  return blocks.has(name)
}

/** Whether an element shows something by itself that is no text of it. */
export function elementShows(name: string, attributes: Readonly<Record<string, string>>): boolean {
  if (
    showing.test(name) ||
    'popover' in attributes ||
    (attributes['background'] ?? '').trim() !== ''
  )
    return true
  const { bgcolor, color } = attributes
  if (bgcolor !== undefined && !white.test(bgcolor.trim().toLowerCase())) return true
  if (color !== undefined && /^#?(f[a-f0-9]f[a-f0-9]f[a-f0-9]|fff|white)$/i.test(color.trim()))
    return true
  if (name === 'details') return !('open' in attributes)
  if (name === 'link') return /stylesheet/i.test(attributes['rel'] ?? '')
  if (name === 'script') return !/json/i.test(attributes['type'] ?? '')
  if (name === 'meta') return /refresh/i.test(attributes['http-equiv'] ?? '')
  if (name === 'template') return 'shadowrootmode' in attributes
  if (name === 'progress') return attributes['value'] === undefined
  if (name !== 'input' && name !== 'textarea') return false
  if ((attributes['placeholder'] ?? '').trim() !== '' && !attributes['value']) return true
  return (
    name === 'input' &&
    /^\s*(submit|button|reset|image|file|password|range|color)\s*$/i.test(attributes['type'] ?? '')
  )
}

/** Comments that Outlook alone shows; the settings that Word leaves there say nothing. */
export function commentShows(comment: string): boolean {
  return (
    /^\s*\[if\b/i.test(comment) &&
    /<(?!\/?(xml|o:|w:|m:)|!)/i.test(comment.replace(/<xml>[^]*?(<\/xml>|$)/gi, ''))
  )
}
