import type { SMTPServerDataStream } from 'smtp-server'

/** Counts bytes of mails being received, over all sessions. */
export class Flight {
  readonly #most: number
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Reserves room for bytes that have arrived. Returns false if there is none. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#most) return false
    this.#bytes += bytes
    return true
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }

  get bytes(): number {
    return this.#bytes
  }
}

export type Gathered =
  | { readonly kind: 'message'; readonly bytes: Buffer; release(): void }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'no-room' }

/**
 * Reads a DATA stream to its end. If the mail is too large or there is no room, the rest is read
 * and dropped, so that an answer can be sent. `release` frees the room once the bytes are stored.
 * @throws the stream's error if the sender disconnects before the end; there is no message then.
 */
export async function gather(stream: SMTPServerDataStream, flight: Flight): Promise<Gathered> {
  const chunks: Buffer[] = []
  let held = 0
  let full = false
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (stream.sizeExceeded || full) continue
      full = !flight.take(chunk.length)
      if (full) continue
      held += chunk.length
      chunks.push(chunk)
    }
  } catch (error) {
    flight.give(held)
    throw error
  }
  if (stream.sizeExceeded || full) {
    flight.give(held)
    return { kind: stream.sizeExceeded ? 'too-large' : 'no-room' }
  }
  return { kind: 'message', bytes: Buffer.concat(chunks), release: () => flight.give(held) }
}
