/** Office files made of the parts that a program writes, as small as they are valid. */
import { strToU8, zipSync, type Zippable } from 'fflate'

type Parts = Readonly<Record<string, string | Uint8Array>>

const OOXML = 'application/vnd.openxmlformats-officedocument.'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
const W =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
/** For parts of presentations and drawings. */
export const drawingNamespaces =
  'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'

export function zipOf(parts: Parts): Buffer {
  return Buffer.from(
    zipSync(
      Object.fromEntries(
        Object.entries(parts).map(([name, content]) => [
          name,
          typeof content === 'string' ? strToU8(content) : content
        ])
      ) as Zippable
    )
  )
}

export function relations(
  entries: readonly (readonly [id: string, type: string, target: string, external?: boolean])[]
): string {
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${entries.map(([id, type, target, external]) => `<Relationship Id="${id}" Type="${RELATIONS}${type}" Target="${target}"${external ? ' TargetMode="External"' : ''}/>`).join('')}</Relationships>`
}

function contentTypes(overrides: Readonly<Record<string, string>>): string {
  const lines = Object.entries(overrides).map(
    ([name, type]) =>
      `<Override PartName="/${name}" ContentType="${type.startsWith('application/') ? type : OOXML + type}"/>`
  )
  return `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>${lines.join('')}</Types>`
}

export const run = (text: string, properties = '') =>
  `<w:r>${properties ? `<w:rPr>${properties}</w:rPr>` : ''}<w:t xml:space="preserve">${text}</w:t></w:r>`
export const para = (content: string) => `<w:p>${content}</w:p>`

/**
 * Parts of a Word document beside the body, by their name without folder and ending: header1,
 * footnotes, comments, styles.
 */
export function docx(
  body: string,
  {
    others = {},
    extra = {},
    types = {},
    links = []
  }: {
    others?: Readonly<Record<string, string>>
    extra?: Parts
    types?: Readonly<Record<string, string>>
    links?: Parameters<typeof relations>[0]
  } = {}
): Buffer {
  const kinds = Object.keys(others).map((name) => [name, name.replace(/\d+$/, '')] as const)
  const element: Record<string, string> = { header: 'hdr', footer: 'ftr' }
  return zipOf({
    '[Content_Types].xml': contentTypes({
      'word/document.xml': 'wordprocessingml.document.main+xml',
      ...Object.fromEntries(
        kinds.map(([name, kind]) => [`word/${name}.xml`, `wordprocessingml.${kind}+xml`])
      ),
      ...types
    }),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'word/document.xml']]),
    'word/_rels/document.xml.rels': relations([
      ...kinds.map(([name, kind], index) => [`rId${index + 1}`, kind, `${name}.xml`] as const),
      ...links
    ]),
    'word/document.xml': `<?xml version="1.0"?><w:document ${W}><w:body>${body}</w:body></w:document>`,
    ...Object.fromEntries(
      kinds.map(([name, kind]) => [
        `word/${name}.xml`,
        `<w:${element[kind] ?? kind} ${W}>${others[name]}</w:${element[kind] ?? kind}>`
      ])
    ),
    ...extra
  })
}

export interface SheetFixture {
  readonly name: string
  readonly rows: string
  readonly state?: 'hidden' | 'veryHidden'
  readonly comments?: string
}

export function xlsx(
  sheets: readonly SheetFixture[],
  {
    strings = [],
    styles = '',
    workbook = '',
    extra = {},
    types = {}
  }: {
    strings?: readonly string[]
    styles?: string
    workbook?: string
    extra?: Parts
    types?: Readonly<Record<string, string>>
  } = {}
): Buffer {
  const parts: Record<string, string | Uint8Array> = {}
  const overrides: Record<string, string> = {
    'xl/workbook.xml': 'spreadsheetml.sheet.main+xml',
    'xl/sharedStrings.xml': 'spreadsheetml.sharedStrings+xml',
    'xl/styles.xml': 'spreadsheetml.styles+xml'
  }
  for (const [index, { rows, comments }] of sheets.entries()) {
    parts[`xl/worksheets/sheet${index + 1}.xml`] =
      `<worksheet><sheetData>${rows}</sheetData></worksheet>`
    overrides[`xl/worksheets/sheet${index + 1}.xml`] = 'spreadsheetml.worksheet+xml'
    if (!comments) continue
    parts[`xl/comments${index + 1}.xml`] =
      `<comments><authors><author>Rosa</author></authors><commentList>${comments}</commentList></comments>`
    parts[`xl/worksheets/_rels/sheet${index + 1}.xml.rels`] = relations([
      ['rId1', 'comments', `../comments${index + 1}.xml`]
    ])
    overrides[`xl/comments${index + 1}.xml`] = 'spreadsheetml.comments+xml'
  }
  return zipOf({
    '[Content_Types].xml': contentTypes({ ...overrides, ...types }),
    'xl/_rels/workbook.xml.rels': relations([
      ...sheets.map(
        (_, index) => [`rId${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`] as const
      ),
      ['rIdS', 'sharedStrings', 'sharedStrings.xml'],
      ['rIdT', 'styles', 'styles.xml']
    ]),
    'xl/workbook.xml': `<workbook ${drawingNamespaces}>${workbook}<sheets>${sheets.map(({ name, state }, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"${state ? ` state="${state}"` : ''}/>`).join('')}</sheets></workbook>`,
    'xl/sharedStrings.xml': `<sst>${strings.map((text) => `<si>${text}</si>`).join('')}</sst>`,
    'xl/styles.xml': `<styleSheet>${styles}</styleSheet>`,
    ...parts,
    ...extra
  })
}

export interface SlideFixture {
  readonly body: string
  readonly notes?: string
  readonly hidden?: boolean
}

export const shape = (...paragraphs: string[]) =>
  `<p:sp><p:txBody>${paragraphs.map((text) => `<a:p><a:r><a:t>${text}</a:t></a:r></a:p>`).join('')}</p:txBody></p:sp>`

/** The slides in the order given; their parts are numbered the other way round. */
export function pptx(
  slides: readonly SlideFixture[],
  extra: Parts = {},
  types: Readonly<Record<string, string>> = {}
): Buffer {
  const number = (index: number) => slides.length - index
  const parts: Record<string, string> = {}
  const overrides: Record<string, string> = {
    'ppt/presentation.xml': 'presentationml.presentation.main+xml'
  }
  for (const [index, { body, notes, hidden }] of slides.entries()) {
    parts[`ppt/slides/slide${number(index)}.xml`] =
      `<p:sld ${drawingNamespaces}${hidden ? ' show="0"' : ''}><p:cSld><p:spTree>${body}</p:spTree></p:cSld></p:sld>`
    overrides[`ppt/slides/slide${number(index)}.xml`] = 'presentationml.slide+xml'
    if (!notes) continue
    parts[`ppt/notesSlides/notesSlide${number(index)}.xml`] =
      `<p:notes ${drawingNamespaces}><p:cSld><p:spTree>${shape(notes)}</p:spTree></p:cSld></p:notes>`
    parts[`ppt/slides/_rels/slide${number(index)}.xml.rels`] = relations([
      ['rId1', 'notesSlide', `../notesSlides/notesSlide${number(index)}.xml`]
    ])
    overrides[`ppt/notesSlides/notesSlide${number(index)}.xml`] = 'presentationml.notesSlide+xml'
  }
  return zipOf({
    '[Content_Types].xml': contentTypes({ ...overrides, ...types }),
    'ppt/_rels/presentation.xml.rels': relations(
      slides.map(
        (_, index) => [`rId${index + 1}`, 'slide', `slides/slide${number(index)}.xml`] as const
      )
    ),
    'ppt/presentation.xml': `<p:presentation ${drawingNamespaces}><p:sldIdLst>${slides.map((_, index) => `<p:sldId id="${256 + index}" r:id="rId${index + 1}"/>`).join('')}</p:sldIdLst></p:presentation>`,
    ...parts,
    ...extra
  })
}

const O =
  ['office', 'text', 'table', 'draw', 'style', 'form', 'presentation']
    .map((prefix) => `xmlns:${prefix}="urn:oasis:names:tc:opendocument:xmlns:${prefix}:1.0"`)
    .join(' ') +
  ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'

export function odf(
  kind: 'text' | 'spreadsheet' | 'presentation',
  body: string,
  {
    automatic = '',
    styles = '',
    master = '',
    extra = {}
  }: { automatic?: string; styles?: string; master?: string; extra?: Parts } = {}
): Buffer {
  return Buffer.from(
    zipSync({
      mimetype: [strToU8(`application/vnd.oasis.opendocument.${kind}`), { level: 0 }],
      'content.xml': strToU8(
        `<?xml version="1.0"?><office:document-content ${O}><office:automatic-styles>${automatic}</office:automatic-styles><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`
      ),
      'styles.xml': strToU8(
        `<office:document-styles ${O}><office:styles>${styles}</office:styles><office:master-styles>${master}</office:master-styles></office:document-styles>`
      ),
      ...Object.fromEntries(
        Object.entries(extra).map(([name, content]) => [
          name,
          typeof content === 'string' ? strToU8(content) : content
        ])
      )
    })
  )
}
