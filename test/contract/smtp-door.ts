import { RawClient } from '../channels/email/support.ts'
import type { Answer } from './types.ts'

/** Hands one mail over by SMTP, its DATA bytes as they are. */
export async function deliverMail(
  port: number,
  mail: Buffer,
  from: string,
  to: readonly string[]
): Promise<Answer> {
  const client = new RawClient(port)
  await client.envelope(from, to)
  client.socket.write(
    Buffer.from(mail.toString('latin1').replaceAll(/(^|\r\n)\./g, '$1..'), 'latin1')
  )
  const reply = await client.say('\r\n.')
  client.end()
  if (reply.startsWith('250 '))
    return { verdict: 'accepted', receipt: /receipt (\S+)/.exec(reply)?.[1] }
  return { verdict: reply.startsWith('4') ? 'later' : 'refused' }
}

/**
 * Filled up with base64 lines of blanks, which say nothing, to so many bytes of DATA, its last line
 * end included.
 */
export function padMail(mail: Buffer, bytes: number): Buffer {
  const room = bytes - mail.length - 2
  const lines = '\r\n'
    .concat('ICAg'.repeat(18))
    .repeat(Math.ceil(room / 74))
    .slice(0, room)
  return Buffer.concat([mail, Buffer.from(lines)])
}
