/** A visiting card (vCard, RFC 6350, and 2.1 and 3.0 before it) in words. */
import { decode as decodeQuotedPrintable } from 'libqp'
import { decodeText } from './charsets.ts'
import { contentLines, unescaped, type Line } from './content-lines.ts'
import { cut } from './headers.ts'
import { readLimits } from './limits.ts'
import type { NamedBytes } from './parts.ts'

/** What is read of a card, in the order in which it is said. */
const said = ['FN', 'ORG', 'TITLE', 'TEL', 'EMAIL', 'ADR', 'URL', 'NOTE'] as const

/** Cards in words, each after an empty line; empty for any other part. */
export function cardText(part: NamedBytes): string {
  const isCard = /^text\/(x-)?(v-?card|directory)$/.test(part.mediaType)
  if (!isCard && !/\.vcf$/i.test(part.fileName)) return ''
  const bytes = part.bytes.subarray(0, readLimits.cardBytes)
  return cardsIn(contentLines(joined(decodeText(bytes, part.charset || 'utf-8'))))
    .map(inWords)
    .filter(Boolean)
    .join('\n\n')
}

/** Quoted-printable values go on after "=" at a line's end; a picture in base64 may end so too. */
function joined(source: string): string {
  return source.replace(/^[^:\n]{0,200}QUOTED-PRINTABLE[^:\n]{0,200}:(?:.*=\r?\n)*.*/gim, (line) =>
    line.replace(/=\r?\n/g, '')
  )
}

/** Lines between BEGIN and END. A picture is a line that nothing is read of. */
function cardsIn(lines: readonly (Line | undefined)[]): Line[][] {
  const cards: Line[][] = []
  for (const line of lines) {
    if (line?.name === 'BEGIN' && /^vcard$/i.test(line.value.trim())) cards.push([])
    else if (line) cards.at(-1)?.push(line)
  }
  return cards.slice(0, readLimits.cards)
}

function inWords(card: readonly Line[]): string {
  const values = said.flatMap((name) =>
    card.filter((line) => line.name === name).map((line) => cut(valueOf(line), 1_000))
  )
  return [...new Set(values)].filter(Boolean).join('\n')
}

/** Parts of an address or of an organisation are apart by semicolons. */
function valueOf({ parameters, value }: Line): string {
  const charset = /;CHARSET="?([\w-]{2,30})/i.exec(parameters)?.[1] ?? 'utf-8'
  const plain = /;(ENCODING=)?QUOTED-PRINTABLE/i.test(parameters)
    ? decodeText(decodeQuotedPrintable(value), charset)
    : value
  return unescaped(
    plain
      .split(/(?<!\\);/)
      .map((part) => part.trim())
      .filter(Boolean)
      .join(', ')
  ).trim()
}
