import path from 'node:path'
import type { OfficeKind } from '../../media-type.ts'
import { Refused } from '../refused.ts'
import type { Package } from './package.ts'
import { walkXml, xmlBudget, type XmlBudget } from './xml.ts'

/**
 * A relation from a part to another part or, if `external`, to something that is not in the file.
 */
export interface Relation {
  readonly id: string
  readonly type: string
  readonly target: string
  readonly external: boolean
}

/** An open office file: its kind, the type of each part, and what is left to be read of it. */
export interface Contents {
  readonly parts: Package
  readonly kind: OfficeKind
  /**
   * In upper and lower case as in `parts.names`; undefined for OpenDocument, whose parts have their
   * names.
   */
  readonly typeOf: (name: string) => string
  readonly budget: XmlBudget
  /** What of it is not read or not shown, as staff read it. */
  readonly notes: Set<string>
}

const mainTypes: readonly (readonly [OfficeKind | 'binary', RegExp])[] = [
  [
    'docx',
    /wordprocessingml\.(document|template)\.main\+xml$|ms-word\.(document|template)\.macroEnabled\w*\.main\+xml$/i
  ],
  ['binary', /ms-excel\.sheet\.binary/i],
  [
    'sheet',
    /spreadsheetml\.(sheet|template)\.main\+xml$|ms-excel\.(sheet|template|addin)\.macroEnabled\w*\.main\+xml$/i
  ],
  [
    'slides',
    /presentationml\.(presentation|template|slideshow)\.main\+xml$|ms-powerpoint\.(presentation|template|slideshow)\.macroEnabled\w*\.main\+xml$/i
  ]
]

/**
 * What kind of office file a zip is; undefined for other zips. @throws Refused for one that is
 * locked or not read at all
 */
export async function openContents(parts: Package): Promise<Contents | undefined> {
  const budget = xmlBudget()
  const mimetype = (await parts.read('mimetype'))?.toString('latin1').trim() ?? ''
  if (
    /^application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation|graphics)(-\w+)?$/.test(
      mimetype
    )
  ) {
    if ((await parts.read('META-INF/manifest.xml'))?.includes('encryption-data'))
      throw new Refused('is locked with a password')
    return { parts, kind: 'odf', typeOf: () => mimetype, budget, notes: new Set() }
  }
  const types = await contentTypes(parts, budget)
  if (!types) return undefined
  const kind = mainTypes.find(([, type]) => [...types.values()].some((one) => type.test(one)))?.[0]
  if (kind === 'binary')
    throw new Refused(
      'is a binary Excel workbook (.xlsb), which is not read by machine: look at the original, or ask for it as XLSX or PDF'
    )
  return kind && { parts, kind, typeOf: typeIn(types), budget, notes: new Set() }
}

/** By `/name` of a part, or by the ending of names without the dot (ISO 29500-2, 7.2.3). */
async function contentTypes(
  parts: Package,
  budget: XmlBudget
): Promise<Map<string, string> | undefined> {
  const content = await parts.read('[Content_Types].xml')
  if (!content) return undefined
  const types = new Map<string, string>()
  walkXml(
    content,
    {
      open: (name, { PartName, Extension, ContentType = '' }) => {
        if (name === 'Override' && PartName) types.set(PartName.toLowerCase(), ContentType)
        if (name === 'Default' && Extension) types.set(Extension.toLowerCase(), ContentType)
      }
    },
    budget
  )
  return types
}

function typeIn(types: ReadonlyMap<string, string>): Contents['typeOf'] {
  return (name) =>
    types.get(`/${name.toLowerCase()}`) ??
    types.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase()) ??
    ''
}

/** Names of parts of a type, in the order of their numbers. */
export function partsOf({ parts, typeOf }: Contents, type: RegExp): string[] {
  return parts.names
    .filter((name) => type.test(typeOf(name)))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/** What a part refers to; none where it refers to nothing. */
export async function relationsOf({ parts, budget }: Contents, part: string): Promise<Relation[]> {
  const at = part.lastIndexOf('/') + 1
  const content = await parts.read(`${part.slice(0, at)}_rels/${part.slice(at)}.rels`)
  return content ? relationsIn(content, part.slice(0, at), budget) : []
}

export function relationsIn(content: Uint8Array, folder: string, budget: XmlBudget): Relation[] {
  const relations: Relation[] = []
  walkXml(
    content,
    {
      open: (name, { Id = '', Type = '', Target = '', TargetMode }) => {
        if (name !== 'Relationship') return
        const external = TargetMode === 'External'
        relations.push({
          id: Id,
          type: Type.slice(Type.lastIndexOf('/') + 1),
          target: external ? Target : resolve(Target, folder),
          external
        })
      }
    },
    budget
  )
  return relations
}

function resolve(target: string, folder: string): string {
  return path.posix
    .join('/', target.startsWith('/') ? '' : folder, target.replaceAll('\\', '/'))
    .slice(1)
}
