import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { getDocument, PasswordException } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/types/src/display/api.js'
import { limits } from '../limits.ts'
import { Refused } from './refused.ts'

const root = path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'))
let last: { readonly path: string; readonly pdf: Promise<PDFDocumentProxy> } | undefined

/**
 * The PDF at a path, kept open for its next page. @throws Refused where it needs a password or
 * holds no PDF structure.
 */
export async function openPdf(file: string): Promise<PDFDocumentProxy> {
  if (last?.path !== file) {
    await last?.pdf.then((pdf) => pdf.loadingTask.destroy()).catch(() => {})
    last = { path: file, pdf: load(file) }
  }
  return last.pdf
}

async function load(file: string): Promise<PDFDocumentProxy> {
  const bytes = await readFile(file)
  const task = getDocument({
    data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    cMapUrl: `${root}/cmaps/`,
    standardFontDataUrl: `${root}/standard_fonts/`,
    wasmUrl: `${root}/wasm/`,
    iccUrl: `${root}/iccs/`,
    useSystemFonts: false,
    enableXfa: false,
    // Names of fonts are told with the rest: only they say that letters are bold.
    fontExtraProperties: true,
    stopAtErrors: false,
    verbosity: 0,
    maxImageSize: limits.pdfImagePixels,
    canvasMaxAreaInBytes: limits.renderPixels * 4
  })
  try {
    return await task.promise
  } catch (error) {
    if (error instanceof PasswordException) throw new Refused('is locked with a password')
    throw new Refused('is damaged beyond reading')
  }
}

/** Runs `use` on a page and lets its memory go. */
export async function withPage<T>(
  file: string,
  number: number,
  use: (page: PDFPageProxy) => Promise<T>
): Promise<T> {
  const pdf = await openPdf(file)
  const page = await pdf.getPage(number)
  try {
    return await use(page)
  } finally {
    page.cleanup()
  }
}
