/** PGP blocks within a text (RFC 9580 sections 6.2 and 7), as old plug-ins write them. */
const begin = '-----BEGIN PGP MESSAGE-----'
const end = '-----END PGP MESSAGE-----'

/** A text with its encrypted blocks removed. */
export interface Unsealed {
  readonly text: string
  /** The encrypted blocks, including their armour. */
  readonly sealed: readonly string[]
}

/** Separates encrypted blocks from the words around them, in one pass. */
export function takeOutSealed(text: string): Unsealed {
  const words: string[] = []
  const sealed: string[] = []
  let at = 0
  for (;;) {
    const from = text.indexOf(begin, at)
    if (from < 0) break
    const until = text.indexOf(end, from)
    const next = until < 0 ? text.length : until + end.length
    words.push(text.slice(at, from))
    sealed.push(text.slice(from, next))
    at = next
  }
  return sealed.length === 0
    ? { text, sealed }
    : { text: [...words, text.slice(at)].join(''), sealed }
}

/** A clear-signed text without the signature's marks. The signature is not verified. */
export function withoutSignature(text: string): string {
  const head = /^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z]+: .*\n)*\n/m.exec(text)
  const from = head ? head.index + head[0].length : -1
  const until = head ? text.indexOf('\n-----BEGIN PGP SIGNATURE-----', from - 1) : -1
  if (!head || until < 0) return text
  const last = text.indexOf('-----END PGP SIGNATURE-----', until)
  const after = last < 0 ? '' : text.slice(last + '-----END PGP SIGNATURE-----'.length)
  return text.slice(0, head.index) + text.slice(from, until).replace(/^- /gm, '') + after
}
