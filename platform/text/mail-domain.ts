/** What stands behind the last @ of an e-mail address, in lower case; of a domain, itself. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}
