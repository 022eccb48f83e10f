/** Which network addresses a fetch may connect to: a name of the provider's that leads into our own network leads nowhere. */
import dns from 'node:dns'
import net, { type LookupFunction } from 'node:net'

// Special-purpose addresses (IANA registries, RFC 6890): this host, private, carrier NAT, link-local (cloud metadata), tests, multicast, reserved.
const inside = new net.BlockList()
const ranges4: readonly [string, number][] = [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15],
  ['224.0.0.0', 4], ['240.0.0.0', 4]
]
const ranges6: readonly [string, number][] = [['::', 127], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['2002::', 16], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8]]
for (const [address, prefix] of ranges4) inside.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of ranges6) inside.addSubnet(address, prefix, 'ipv6')

/** True for an address on the public internet; an IPv4 address written as IPv6 counts as what it is. */
export function isPublicAddress(address: string): boolean {
  const family = net.isIP(address)
  if (family === 0) return false
  return !inside.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/** The machine itself, as an address of a URL names it. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/** Resolves names to public addresses only, at the moment of connecting, so that nothing can be swapped in between. */
export const lookupPublic: LookupFunction = (hostname, options, done) => {
  dns.lookup(hostname, { ...options, all: true }, (error, found) => {
    const addresses = error ? [] : found.filter(({ address }) => isPublicAddress(address))
    const [first] = addresses
    if (error || !first) done(error ?? Object.assign(new Error('no public address'), { code: 'ENOTPUBLIC' }), [])
    else if (options.all) done(null, addresses)
    else done(null, first.address, first.family)
  })
}
