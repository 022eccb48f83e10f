import type { DocumentKind } from '../media-type.ts'
import type { Page } from '../types.ts'
import type { ImageAt } from './survey.ts'

/** What a reader process is asked to do. Paths are of files on this machine; jobs carry no content. */
export type Job = OpenJob | SurveyJob | PageJob | AssembleJob | LanguageJob | BindJob | PictureJob

export interface OpenJob {
  readonly kind: 'open'
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
  /** Where the page's image goes, without extension; none is made without it. */
  readonly imagePath?: string
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

/** Turns a picture of a page, and brings it to a size for looking at. */
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
  /** Why it is not read. */
  readonly refused?: string
}

export interface ReadPage {
  readonly page: Page
  readonly image?: StoredImage
}

interface Results {
  open: Opened
  survey: { images: (ImageAt | undefined)[] }
  page: ReadPage
  assemble: { pages: number }
  language: { language: string }
  bind: { pages: number }
  picture: { mediaType: 'image/jpeg' }
}
export type JobResult<Kind extends Job['kind'] = Job['kind']> = Results[Kind]
