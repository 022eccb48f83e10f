import { readFile } from 'node:fs/promises'
import {
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFRawStream,
  PDFString,
  type PDFObject
} from '@cantoo/pdf-lib'
import { XMLParser } from 'fast-xml-parser'
import { limits } from '../limits.ts'
import { isOnlyNotice } from './notice.ts'
import { Refused } from './refused.ts'

/**
 * What the data of an XFA form says (XFA 3.3, 2: its datasets packet), in `text` a line a value.
 */
export interface FormData {
  readonly text: string
  /** The page itself is only a notice, which the text takes the place of. */
  readonly instead: boolean
}

/**
 * The data of a form in Adobe's XML, undefined for other documents. Values that the page shows
 * already are left out.
 * @throws Refused over the bound of bytes
 */
export async function readFormData(
  path: string,
  pages: number,
  shown: string
): Promise<FormData | undefined> {
  const bytes = await readFile(path)
  // The key may lie in a packed object; those files name it nowhere else, so packed ones are opened
  // as well.
  if (!bytes.includes('/XFA') && !(pages === 1 && isOnlyNotice(shown))) return undefined
  const packets = await packetsOf(bytes).catch((error: unknown) => {
    if (error instanceof Refused) throw error
    return undefined
  })
  if (!packets) return undefined
  const values = valuesIn(packets.data)
  const known = values.filter(({ value }) => shown.includes(value)).length
  // A form flattened by another program keeps its data beside pages that show it.
  const instead =
    (pages === 1 && isOnlyNotice(shown)) || (packets.needsRendering && known < values.length / 2)
  return {
    instead,
    text: values
      .filter(({ value }) => instead || !shown.includes(value))
      .map(({ name, value }) => `${name}: ${value}`)
      .join('\n')
  }
}

interface Packets {
  readonly data: string
  readonly needsRendering: boolean
}

async function packetsOf(bytes: Uint8Array): Promise<Packets | undefined> {
  const pdf = await PDFDocument.load(bytes, {
    ignoreEncryption: true,
    updateMetadata: false,
    throwOnInvalidObject: false
  })
  const form = pdf.catalog.lookup(PDFName.of('AcroForm'))
  const xfa = form instanceof PDFDict ? form.lookup(PDFName.of('XFA')) : undefined
  if (!xfa) return undefined
  return {
    data: pdf.isEncrypted ? '' : dataIn(xfa),
    needsRendering: String(pdf.catalog.lookup(PDFName.of('NeedsRendering'))) === 'true'
  }
}

/** One stream with all packets, or an array of names and streams. */
function dataIn(xfa: PDFObject): string {
  if (xfa instanceof PDFRawStream) return decode(xfa)
  if (!(xfa instanceof PDFArray)) return ''
  for (let at = 0; at + 1 < xfa.size(); at += 2) {
    const name = xfa.lookup(at)
    const stream = xfa.lookup(at + 1)
    if (
      (name instanceof PDFString || name instanceof PDFHexString) &&
      name.decodeText() === 'datasets' &&
      stream instanceof PDFRawStream
    )
      return decode(stream)
  }
  return ''
}

function decode(stream: PDFRawStream): string {
  const bytes = decodePDFRawStream(stream).getBytes(limits.xfaBytes + 1)
  if (bytes.length > limits.xfaBytes)
    throw new Refused('is a form with more data than is read by machine')
  return Buffer.from(Uint8Array.from(bytes)).toString('utf8')
}

interface Value {
  readonly name: string
  readonly value: string
}
type Node = Record<string, Node[] | string | undefined>

function valuesIn(xml: string): Value[] {
  if (xml === '') return []
  const found: Value[] = []
  try {
    const tree = new XMLParser({
      preserveOrder: true,
      removeNSPrefix: true,
      ignoreAttributes: true,
      parseTagValue: false,
      trimValues: true,
      processEntities: true,
      maxNestedTags: 100
    } as never).parse(xml) as Node[]
    for (const data of find(tree, 'data', 6)) collect(data, '', found)
  } catch (error) {
    if (error instanceof Refused) throw error
    return []
  }
  return found
}

/** Elements of a name, wherever they lie in the first levels. */
function find(nodes: readonly Node[], name: string, depth: number): Node[][] {
  if (depth === 0) return []
  return nodes.flatMap((node) =>
    Object.entries(node).flatMap(([key, children]) =>
      !Array.isArray(children) ? [] : key === name ? [children] : find(children, name, depth - 1)
    )
  )
}

function collect(nodes: readonly Node[], name: string, found: Value[]): void {
  for (const node of nodes) {
    for (const [key, children] of Object.entries(node)) {
      if (key === '#text' && typeof children === 'string' && children.trim() && name)
        push(found, {
          name: spaced(name),
          value: children.trim().slice(0, limits.annotationCharacters)
        })
      else if (Array.isArray(children))
        collect(children, key === 'body' || key === 'p' || key === 'span' ? name : key, found)
    }
  }
}

function push(found: Value[], value: Value): void {
  if (found.length >= limits.xfaValues)
    throw new Refused('is a form with more data than is read by machine')
  found.push(value)
}

/** "ApplicantName" as people write it. */
function spaced(name: string): string {
  return name
    .replace(/[_-]+/g, ' ')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .trim()
}
