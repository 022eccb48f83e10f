/** Outgoing texts by a provider, or as files in DATA_DIR/outbox where none is set up. */
import fs from 'node:fs/promises'
import path from 'node:path'
import type { OutboundMessage } from '../intake/channel.ts'

/**
 * Result of sending: the provider's id of the message, that it was written to a file, or a sentence
 * why it can never be sent.
 */
export type Sent =
  | { readonly providerId: string | undefined; readonly filed?: true }
  | { readonly undeliverable: string }

/**
 * Sends one text by a provider. `id` is our own and makes sending safe to repeat: if the text may
 * already have been sent, the provider is asked for it first. Rejects with the provider's error;
 * whether the text was sent is then unknown.
 */
export type SendText = (
  text: Pick<OutboundMessage, 'to' | 'from' | 'text'>,
  how: { readonly id: string; readonly maybeSent: boolean }
) => Promise<Sent>

/** Writes each text to a file in the folder, under its id. */
export function textFiler(outbox: string): SendText {
  return async ({ to, from, text }, { id }) => {
    await fs.mkdir(outbox, { recursive: true, mode: 0o700 })
    await fs.writeFile(path.join(outbox, `.${id}`), `To: ${to}\nFrom: ${from ?? ''}\n\n${text}\n`, {
      mode: 0o600
    })
    await fs.rename(path.join(outbox, `.${id}`), path.join(outbox, `${id}.txt`))
    return { providerId: undefined, filed: true }
  }
}
