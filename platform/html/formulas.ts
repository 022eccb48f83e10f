/** Formulas (MathML) in one line, as far as they go: x^2, a_1, (a + b)/c. */

/** What goes before each part of an element that has parts by their place. */
const between: Readonly<Record<string, readonly string[]>> = {
  msup: ['', '^'],
  msub: ['', '_'],
  msubsup: ['', '_', '^'],
  mfrac: ['', '/'],
  mover: ['', '^'],
  munder: ['', '_'],
  munderover: ['', '_', '^'],
  mroot: ['', '√']
}
/** Parts of one sign or number need no brackets. */
const single = /^m(i|n|o|text|s)$/

/**
 * Signs around a part of a formula. @param parent the element around it @param place how many parts
 * stand before it
 */
export function signsAround(
  name: string,
  parent: string,
  place: number
): readonly [string, string] {
  const root = name === 'msqrt' ? '√' : ''
  const signs = between[parent]
  if (!signs) return root ? [`${root}(`, ')'] : ['', '']
  const brackets = !single.test(name)
  return [`${signs[place] ?? ' '}${root}${brackets ? '(' : ''}`, brackets ? ')' : '']
}
