import { partsOf, relationsIn, type Contents } from './contents.ts'

/**
 * Folders whose parts hold no content of their own: fonts, settings, previews, code, controls,
 * OpenDocument's housekeeping.
 */
const furnitureFolders = [
  'printerSettings',
  'fonts',
  'activeX',
  'ctrlProps',
  'META-INF',
  'Thumbnails',
  'ObjectReplacements',
  'Configurations2',
  'Basic',
  'Scripts',
  'Dialogs',
  '_xmlsignatures',
  'docProps',
  'customXml'
]
const furniture = new RegExp(
  [
    `(^|/)(${furnitureFolders.join('|')})/`,
    '\\.(rels|xml|vml|odttf|fntdata|rdf)$',
    '(^|/)(vbaProject\\w*\\.bin|mimetype|layout-cache)$'
  ].join('|'),
  'i'
)

/**
 * Names of the parts that are files of their own: pictures, and what was put in from other
 * programs.
 */
export function filesIn({ parts, kind }: Contents): string[] {
  // Office Open XML has a picture of dots beside every SVG.
  return parts.names
    .filter((name) => !furniture.test(name) && !(kind !== 'odf' && /\.svg$/i.test(name)))
    .toSorted(byNumber)
}

/** The largest so many of them: among a hundred icons the photographed letter is one. */
export function largestFiles(contents: Contents, most: number): string[] {
  const bySize = filesIn(contents).toSorted(
    (a, b) => contents.parts.sizeOf(b) - contents.parts.sizeOf(a)
  )
  return bySize.slice(0, most).toSorted(byNumber)
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** Types of XML that is read. */
const readTypes = [
  'main',
  'header',
  'footer',
  'footnotes',
  'endnotes',
  'comments',
  'commentAuthors',
  'powerpoint\\.authors',
  'worksheet',
  'chartsheet',
  'sharedStrings',
  'drawing',
  'chart',
  'chartex',
  'chartshapes',
  'diagram\\w+',
  'slide',
  'notesSlide',
  'slideLayout',
  'slideMaster'
]
/**
 * Types of XML that says how things look and where they lie, or what is shown elsewhere in the file
 * as well.
 */
const furnitureTypes = [
  'styles',
  'stylesWithEffects',
  'settings',
  'webSettings',
  'fontTable',
  'numbering',
  'theme',
  'themeOverride',
  'glossary',
  'calcChain',
  'sheetMetadata',
  'metadata',
  'table',
  'pivot\\w+',
  'queryTable',
  'connections',
  'externalLink',
  'volatileDependencies',
  'revision\\w+',
  'userNames',
  'tableSingleCells',
  'xmlMaps',
  'slicer\\w*',
  'timeline\\w*',
  'richvalue\\w*',
  'rd\\w+',
  'namedSheetView',
  'person',
  'people',
  'threadedcomments',
  'commentsExtended',
  'commentsIds',
  'commentsExtensible',
  'documenttasks',
  'notesMaster',
  'handoutMaster',
  'presProps',
  'viewProps',
  'tableStyles',
  'tags',
  'slideUpdateInfo',
  'changesInfo',
  'chartstyle',
  'chartcolorstyle',
  'keyMapCustomizations',
  'vmlDrawing',
  'attachedToolbars',
  'vbaData',
  'core-properties',
  'extended-properties',
  'custom-properties',
  'customXmlProperties',
  'relationships',
  'signature\\w*',
  'docMetadata',
  'labelInfo',
  'classificationlabels'
]
const known = new RegExp(
  `(^|[./-])(${[...readTypes, ...furnitureTypes].join('|')})\\+xml$|vmlDrawing$|^application/vnd\\.openxmlformats-package\\.`,
  'i'
)
const unlookedFolders = /(^|\/)(activeX|ctrlProps|customXml|macrosheets|dialogsheets)\//i

const seen = /^(image|oleObject|frame|subDocument|aFChunk|video|audio|media|package|control)$/

/** Says what of an Office Open XML file is neither read nor a file in it. */
export async function noteUnread(contents: Contents): Promise<void> {
  const { parts, typeOf, notes, budget } = contents
  const names = parts.names
  if (
    names.some((name) =>
      /vbaProject\.bin$|\/(macrosheets|dialogsheets)\/|^Basic\/.*\.xml$|^Scripts\//i.test(name)
    )
  )
    notes.add('It holds macros, which are not read.')
  if (contents.kind === 'odf') return
  if (names.some((name) => /\/(activeX|ctrlProps)\//i.test(name)))
    notes.add('It has form controls whose values are not read.')
  const others = names.filter(
    (name) =>
      /\.xml$/i.test(name) &&
      name !== '[Content_Types].xml' &&
      !unlookedFolders.test(name) &&
      !known.test(typeOf(name))
  )
  if (others.length > 0)
    notes.add(
      `${others.length === 1 ? 'A part of it is' : `${others.length} parts of it are`} of a kind that is not looked into.`
    )
  if (partsOf(contents, /\.main\+xml$/i).length > 1 && contents.kind !== 'docx')
    notes.add('It holds more than one document.')
  for (const name of names.filter((one) => /\.rels$/i.test(one))) {
    const outside = relationsIn((await parts.read(name)) ?? new Uint8Array(), '', budget).filter(
      ({ external, type }) => external && seen.test(type)
    )
    if (outside.length > 0) notes.add('It shows pictures or objects that are not in the file.')
  }
}
