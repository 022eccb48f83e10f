/**
 * Stylesheets, fonts, pictures and scripts under an address that changes with their content, so
 * browsers may keep them.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const letters = path.dirname(
  fileURLToPath(import.meta.resolve('@fontsource/public-sans/package.json'))
)

/** Our own files; small, and read once at start to name their version. */
const own = path.join(import.meta.dirname, 'assets')

/** Folder on disk by the first part of the path below the version. */
export const assetFolders: Readonly<Record<string, string>> = {
  fonts: path.join(letters, 'files'),
  own
}

/** Letters that every page shows, fetched at once with the page. */
export const fonts = [
  'public-sans-latin-400-normal.woff2',
  'public-sans-latin-600-normal.woff2',
  'public-sans-latin-700-normal.woff2'
] as const

/** Short hash over the letters' release and our own files. */
export const assetVersion = versionOf()

/** Where pages find their assets, without a trailing slash. */
export const assetBase = `/assets/${assetVersion}`

function versionOf(): string {
  const hash = createHash('sha256').update(readFileSync(path.join(letters, 'package.json')))
  for (const name of readdirSync(own).sort())
    hash.update(name).update(readFileSync(path.join(own, name)))
  return hash.digest('base64url').slice(0, 12)
}
