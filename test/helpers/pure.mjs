/**
 * Which tests need nothing running: no PostgreSQL, no Redis, no browser, no process of ours. They
 * are run without the set-up of the others, so that one of them takes a second. One that is sorted
 * wrongly fails, as what it needs is not there.
 */
import fs from 'node:fs'
import path from 'node:path'

/** Starts something, or looks for what the set-up has started. */
const starts =
  /\bTEST_(?:POSTGRES|REDIS)\b|\b(?:spawn|execFile)(?:Sync)?\(|\bfork\(|\bchromium\b|\bnew (?:Translate|Reader)Pool\(/
const imports = /\bfrom\s+'(\.[^']+)'/g

/**
 * Test files below a folder, from the project's own, sorted into those that need nothing and all
 * others.
 */
export function sortTests(folder) {
  const names = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
  const files = names.map((name) => path.join(folder, name)).sort()
  const needing = new Map()
  return {
    pure: files.filter((file) => !needsServices(file, needing)),
    services: files.filter((file) => needsServices(file, needing))
  }
}

/** Followed through what tests share only: importing the program starts nothing. */
function needsServices(file, known) {
  if (known.has(file)) return known.get(file)
  // While it is looked at, for those that import each other.
  known.set(file, false)
  const text = fs.readFileSync(file, 'utf8')
  const shared = [...text.matchAll(imports)]
    .map(([, to]) => path.join(path.dirname(file), to))
    .filter((to) => /^(?:test|bench)\b/.test(to) && fs.existsSync(to))
  known.set(file, starts.test(text) || shared.some((to) => needsServices(to, known)))
  return known.get(file)
}
