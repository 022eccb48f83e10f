/** "r•••@mail.example", "•••0142": enough to know one's own, too little to learn another's. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  return at > 0 ? `${address[0]!}•••${address.slice(at)}` : `•••${address.slice(-4)}`
}
