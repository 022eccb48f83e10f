/**
 * Whether an unchanged file is complete, as far as its own structure tells. A slow writer may only
 * be pausing.
 */

/** Directories (pages) of a TIFF that are checked. A TIFF with more counts as complete. */
const MOST_DIRECTORIES = 5_000
const STRIP_OFFSETS = 273
const STRIP_COUNTS = 279
/** Bytes per value by TIFF type. Offsets are of type SHORT or LONG (TIFF 6.0, section 2). */
const widths: Readonly<Record<number, 2 | 4>> = { 3: 2, 4: 4 }

/**
 * A PDF must have its end marker, a TIFF the data of every page. Other files cannot be checked and
 * count as complete.
 */
export function looksWhole(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1_029))
  if (head.includes('%PDF-'))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      .subarray(-2_048)
      .includes('%%EOF')
  const order = head.toString('latin1', 0, 4)
  if (order === 'II*\0')
    return isWholeTiff(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), true)
  if (order === 'MM\0*')
    return isWholeTiff(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), false)
  return true
}

function isWholeTiff(view: DataView, little: boolean): boolean {
  const met = new Set<number>()
  try {
    for (
      let at = view.getUint32(4, little);
      at !== 0 && !met.has(at) && met.size < MOST_DIRECTORIES;
      at = nextOf(view, at, little)
    ) {
      met.add(at)
      if (dataEnd(view, at, little) > view.byteLength) return false
    }
    return true
  } catch (error) {
    // Reading past the end means that a directory has not been written yet.
    if (error instanceof RangeError) return false
    throw error
  }
}

function nextOf(view: DataView, at: number, little: boolean): number {
  return view.getUint32(at + 2 + view.getUint16(at, little) * 12, little)
}

/** Offset at which the image data of a directory ends. */
function dataEnd(view: DataView, at: number, little: boolean): number {
  const offsets = values(view, at, STRIP_OFFSETS, little)
  const counts = values(view, at, STRIP_COUNTS, little)
  return offsets.reduce((end, offset, index) => Math.max(end, offset + (counts[index] ?? 0)), 0)
}

function values(view: DataView, at: number, tag: number, little: boolean): number[] {
  for (let entry = at + 2, left = view.getUint16(at, little); left > 0; left--, entry += 12) {
    if (view.getUint16(entry, little) !== tag) continue
    const width = widths[view.getUint16(entry + 2, little)]
    const count = view.getUint32(entry + 4, little)
    if (!width || count > view.byteLength) return []
    const from = count * width <= 4 ? entry + 8 : view.getUint32(entry + 8, little)
    return Array.from({ length: count }, (_, index) =>
      width === 2
        ? view.getUint16(from + index * width, little)
        : view.getUint32(from + index * width, little)
    )
  }
  return []
}
