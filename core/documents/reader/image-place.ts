import type { WrappedTiff } from './tiff-wrap.ts'

/**
 * Where in a PDF the one image of a page lies, and how its bytes become a picture without drawing
 * the page.
 */
export interface ImageAt {
  readonly offset: number
  readonly length: number
  readonly form:
    | { readonly kind: 'jpeg' }
    | { readonly kind: 'tiff'; readonly facts: WrappedTiff }
    | {
        readonly kind: 'png'
        readonly width: number
        readonly height: number
        readonly bits: 1 | 8
        readonly colour: 0 | 2
      }
  readonly dpi: readonly [number, number]
  /** Degrees clockwise to turn it. */
  readonly rotation: number
}

export interface Survey {
  readonly images: readonly (ImageAt | undefined)[]
  /** Numbers of pages with an image of more pixels than are drawn. */
  readonly tooLarge: readonly number[]
}
