/** A page as cells of a grid, and what marked cells form together. */

const neighbours = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dx, dy] as const))

/**
 * Sizes of the groups of touching marked cells (1), corners included.
 * @param cells row by row
 */
export function groupsOf(cells: Uint8Array, columns: number): number[] {
  const left = cells.slice()
  const sizes: number[] = []
  for (let start = 0; start < left.length; start++) {
    if (!left[start]) continue
    let size = 0
    const queue = [start]
    left[start] = 0
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      size++
      const column = at % columns
      for (const [dx, dy] of neighbours) {
        const next = at + dy * columns + dx
        if (column + dx < 0 || column + dx >= columns || !left[next]) continue
        left[next] = 0
        queue.push(next)
      }
    }
    sizes.push(size)
  }
  return sizes
}
