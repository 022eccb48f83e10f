import { isIP } from 'node:net'

/**
 * The key under which a client is counted: its IPv4 address, or the /64 network that one IPv6
 * customer has. Empty if the client disconnected before its address was known.
 */
export function addressKey(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(plain) === 6 ? expanded(plain).slice(0, 4).join(':') : plain
}

function expanded(address: string): string[] {
  const [before = '', after] = address.split('::')
  const head = before.split(':').filter(Boolean)
  const tail = (after ?? '').split(':').filter(Boolean)
  return after === undefined
    ? head
    : [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail]
}

/** Whether a connection comes from this machine. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./i.test(address)
}
