import type { ReaderPool } from '../../core/documents/pool.ts'
import { readDocument } from '../../core/documents/read.ts'
import type { Barcode } from '../../core/documents/types.ts'

/** Barcodes of every page of a document. */
export async function findBarcodes(
  document: Uint8Array | string,
  pool?: ReaderPool
): Promise<readonly (readonly Barcode[])[]> {
  const { pages } = await readDocument(document, { barcodes: true, text: false }, pool)
  return pages.map((page) => page.barcodes ?? [])
}
