/**
 * Which network addresses a download or a webhook may connect to. An untrusted host name that
 * resolves into our own network is refused.
 */
import dns from 'node:dns'
import net, { type LookupFunction } from 'node:net'

// What the IANA special-purpose registries (RFC 6890) name in IPv4: this host, private, carrier
// NAT, link-local (cloud metadata), relays, tests, multicast, reserved.
const closed4 = blockList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4]
])
// In IPv6 only 2000::/3 is assigned (RFC 4291). Outside it lie loopback, IPv4-compatible, NAT64,
// unique local, link-local, site-local and multicast.
const open6 = blockList('ipv6', [['2000::', 3]])
// Inside 2000::/3: addresses of protocols (Teredo, ORCHID), documentation, 6to4.
const closed6 = blockList('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20]
])
const mapped = blockList('ipv6', [['::ffff:0:0', 96]])

function blockList(
  family: 'ipv4' | 'ipv6',
  ranges: readonly (readonly [string, number])[]
): net.BlockList {
  const list = new net.BlockList()
  for (const [address, prefix] of ranges) list.addSubnet(address, prefix, family)
  return list
}

/**
 * True for an address on the public internet. An IPv4 address in IPv6 notation is judged as IPv4;
 * one with a zone (`%eth0`) is never public.
 */
export function isPublicAddress(address: string): boolean {
  if (net.isIPv4(address)) return !closed4.check(address, 'ipv4')
  if (!net.isIPv6(address) || address.includes('%')) return false
  if (mapped.check(address, 'ipv6')) return !closed4.check(address, 'ipv6')
  return open6.check(address, 'ipv6') && !closed6.check(address, 'ipv6')
}

/** Whether a URL's host name means this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/**
 * Resolves names to public addresses only, at the moment of connecting, so that the answer cannot
 * change between check and use.
 */
export const lookupPublic: LookupFunction = (hostname, options, done) => {
  dns.lookup(hostname, { ...options, all: true }, (error, found) => {
    const addresses = error ? [] : found.filter(({ address }) => isPublicAddress(address))
    const [first] = addresses
    if (error || !first)
      done(error ?? Object.assign(new Error('no public address'), { code: 'ENOTPUBLIC' }), [])
    else if (options.all) done(null, addresses)
    else done(null, first.address, first.family)
  })
}
