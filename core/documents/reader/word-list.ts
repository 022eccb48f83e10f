/**
 * The words a language's reader knows: from the very data that pages are read with, so that there
 * is a list for every language read.
 */
import { languageData } from './language-data.ts'

/**
 * Places of the parts in traineddata (tesseract, tessdatamanager.h): the network's own word list
 * and its characters.
 */
const WORDS = 19
const CHARACTERS = 21
/** Flags of an edge of the list (dawg.h): the last of its node, backward, the end of a word. */
const [LAST, BACKWARD, WORD_END] = [1, 2, 4]
const EDGES_AT = 10

const lists = new Map<string, WordList | undefined>()

/**
 * The list of a language as tesseract names it; undefined where its data is not installed or has
 * none. 4 MB stay in memory once asked for.
 */
export function wordList(language: string): WordList | undefined {
  if (!lists.has(language)) lists.set(language, open(language))
  return lists.get(language)
}

function open(language: string): WordList | undefined {
  try {
    const given = languageData(language, 'best')
    const data = Buffer.from(given.buffer, given.byteOffset, given.length)
    const [words, characters] = [part(data, WORDS), part(data, CHARACTERS)]
    // A copy: the whole file would be held by a view of it.
    return words && characters
      ? new WordList(Buffer.from(words), characters.toString('utf8'))
      : undefined
  } catch {
    return undefined
  }
}

function part(data: Buffer, index: number): Buffer | undefined {
  const offsets = Array.from({ length: data.readInt32LE(0) }, (_, at) =>
    Number(data.readBigInt64LE(4 + 8 * at))
  )
  const start = offsets[index] ?? -1
  return start < 0
    ? undefined
    : data.subarray(start, offsets.slice(index + 1).find((offset) => offset >= 0) ?? data.length)
}

/** A directed graph of letters, read in place: a word is a way through it. */
export class WordList {
  readonly #edges: Buffer
  readonly #ids: ReadonlyMap<string, number>
  readonly #letterBits: bigint

  constructor(edges: Buffer, characters: string) {
    this.#edges = edges
    this.#ids = new Map(
      characters
        .split('\n')
        .slice(1)
        .map((line, id) => [line.split(' ', 1)[0]!, id])
    )
    this.#letterBits = BigInt(Math.ceil(Math.log2(edges.readInt32LE(2))))
  }

  /** As it is written: "maple" and "Maple" are asked for apart. */
  has(word: string): boolean {
    const ids = [...word].map((letter) => this.#ids.get(letter))
    let node = 0
    for (const [at, id] of ids.entries()) {
      const next = id === undefined ? undefined : this.#follow(node, id, at === ids.length - 1)
      if (next === undefined || (next === 0 && at < ids.length - 1)) return false
      node = next
    }
    return ids.length > 0
  }

  #follow(node: number, id: number, last: boolean): number | undefined {
    for (let at = EDGES_AT + 8 * node; at + 8 <= this.#edges.length; at += 8) {
      const edge = this.#edges.readBigUInt64LE(at)
      const flags = Number((edge >> this.#letterBits) & 7n)
      const letter = Number(edge & ((1n << this.#letterBits) - 1n))
      if (letter === id && !(flags & BACKWARD!) && (!last || flags & WORD_END!))
        return Number(edge >> (this.#letterBits + 3n))
      if (flags & LAST!) return undefined
    }
    return undefined
  }
}
