/** The agency's configuration with something of its own in a department. */
import fs from 'node:fs'
import path from 'node:path'

/** Copies `config/` to a folder. @param added lines of YAML to put into departments, by their id */
export function copyConfig(folder: string, added: Readonly<Record<string, string>> = {}): void {
  fs.cpSync('config', folder, { recursive: true })
  const file = path.join(folder, 'departments.yaml')
  const text = Object.entries(added).reduce(
    (before, [id, line]) => before.replace(`  - id: ${id}\n`, `  - id: ${id}\n    ${line}\n`),
    fs.readFileSync(file, 'utf8')
  )
  fs.writeFileSync(file, text)
}
