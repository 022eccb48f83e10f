/** Stylesheets, fonts, pictures and scripts under an address that changes with their content, so browsers may keep them. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

// Its entry point is dist/js/uswds.min.js.
const uswds = path.resolve(fileURLToPath(import.meta.resolve('@uswds/uswds')), '../../..')

/** Our own files; small, and read once at start to name their version. */
const own = path.join(import.meta.dirname, 'assets')

/** Folders served under the version, by the first part of the address. */
export const assetFolders: Readonly<Record<string, string>> = {
  css: path.join(uswds, 'dist/css'),
  fonts: path.join(uswds, 'dist/fonts'),
  img: path.join(uswds, 'dist/img'),
  own
}

/** Short hash over the design system's release and our own files. */
export const assetVersion = versionOf()

/** Where pages find their assets, without a trailing slash. */
export const assetBase = `/assets/${assetVersion}`

function versionOf(): string {
  const hash = createHash('sha256').update(readFileSync(path.join(uswds, 'package.json')))
  for (const name of readdirSync(own).sort()) hash.update(name).update(readFileSync(path.join(own, name)))
  return hash.digest('base64url').slice(0, 12)
}
