import type { DocumentKind } from '../media-type.ts'
import type { Information, Page } from '../types.ts'
import type { ImageAt, Survey } from './image-place.ts'

/**
 * What a reader process is asked to do. Paths are of files on this machine; jobs carry no content.
 */
export type Job =
  | OpenJob
  | InformationJob
  | SurveyJob
  | PageJob
  | FilesJob
  | FileJob
  | AssembleJob
  | LanguageJob
  | BindJob
  | PictureJob

export interface OpenJob {
  readonly kind: 'open'
  readonly path: string
}

/** Asks what a PDF says of itself. */
export interface InformationJob {
  readonly kind: 'information'
  readonly path: string
}

/** Asks which pages of a PDF are one image that can be taken out as it is. */
export interface SurveyJob {
  readonly kind: 'survey'
  readonly path: string
}

export interface PageJob {
  readonly kind: 'page'
  readonly path: string
  readonly document: DocumentKind
  readonly number: number
  readonly languages: readonly string[]
  readonly engine: 'wasm' | 'native'
  readonly barcodes: boolean
  /** False to look for barcodes only. */
  readonly text: boolean
  /** Known from the survey: the page is this image. */
  readonly imageAt?: ImageAt
  /** Known from the survey: it has an image that is too large to be drawn. */
  readonly tooLarge?: boolean
  /** Where the page's image goes, without extension; none is made without it. */
  readonly imagePath?: string
}

/** Asks which files are inside a PDF or an office file. */
export interface FilesJob {
  readonly kind: 'files'
  readonly path: string
  readonly document: DocumentKind
}

/** Takes one of them out. */
export interface FileJob {
  readonly kind: 'file'
  readonly path: string
  readonly document: DocumentKind
  readonly id: string
  readonly outPath: string
  readonly mostBytes: number
}

/** A file inside a document, by the document's own name for it. */
export interface FileInside {
  readonly id: string
  readonly name: string
}

export interface AssembleJob {
  readonly kind: 'assemble'
  readonly path: string
  /** A JSON file with `AssemblePage[]`. */
  readonly pagesPath: string
  readonly outPath: string
}

/** Asks which language the text in a file is in. */
export interface LanguageJob {
  readonly kind: 'language'
  readonly path: string
}

/** Binds pages of several files into one PDF. `path` is any of them. */
export interface BindJob {
  readonly kind: 'bind'
  readonly path: string
  /** A JSON file with `BindPage[]`. */
  readonly pagesPath: string
  readonly outPath: string
}

export interface BindPage extends AssemblePage {
  /** The file the page comes from. */
  readonly from: string
  /** Degrees clockwise that a person turned it. */
  readonly turned: 0 | 90 | 180 | 270
  /** Stands on a page of its own where there is nothing else to show. */
  readonly instead: string
}

/** Turns a picture of a page and brings it to a size for looking at. */
export interface PictureJob {
  readonly kind: 'picture'
  readonly path: string
  readonly outPath: string
  readonly degrees: number
  /** Longest side in pixels; the picture's own without it. */
  readonly longest?: number
}

export interface AssemblePage {
  readonly page: Page
  readonly image?: StoredImage
}

export interface StoredImage {
  readonly path: string
  readonly mediaType: 'image/png' | 'image/jpeg'
}

export interface Opened {
  readonly mediaType: string
  readonly document: DocumentKind
  readonly pages: number
  /** False for a PDF without any image. */
  readonly pictures?: boolean
  /** Files inside a PDF, those pinned to its pages aside, or inside an office file. */
  readonly files?: number
  /** Why it is not read. */
  readonly refused?: string
}

export interface ReadPage {
  readonly page: Page
  readonly image?: StoredImage
}

interface Results {
  open: Opened
  information: { information: Information }
  survey: Survey
  page: ReadPage
  /**
   * At most `limits.embeddedFiles` of them, how many there are, and whether there are none but such
   * as viewers do not list.
   */
  files: { files: readonly FileInside[]; total: number; unlisted: boolean }
  file: { bytes: number; mediaType: string }
  assemble: { pages: number }
  language: { language: string }
  bind: { pages: number }
  picture: { mediaType: 'image/jpeg' }
}
export type JobResult<Kind extends Job['kind'] = Job['kind']> = Results[Kind]
