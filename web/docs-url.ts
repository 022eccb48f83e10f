import { publicUrl, type Settings } from '../config/settings.ts'

/** The URL of the pages that describe the API. */
export function docsUrl(settings: Settings): string {
  return `${publicUrl(settings)}/v1/docs`
}
