/** Addresses of services that a secret is sent to. */
import { z } from 'zod'

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/

/** Whether a host is this machine. */
export function isThisMachine(host: string): boolean {
  return loopback.test(host.replace(/^\[|\]$/g, ''))
}

export const serviceUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((address) => {
    const { protocol, hostname } = new URL(address)
    return protocol === 'https:' || isThisMachine(hostname)
  }, 'an https address; http only on this machine')
