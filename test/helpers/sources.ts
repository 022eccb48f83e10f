/** The program's own files, for tests that read code rather than run it. */
import fs from 'node:fs'
import path from 'node:path'

export interface Source {
  /** From the project's folder, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** Every folder that holds the program itself. */
export const program = [
  'config',
  'platform',
  'core',
  'workers',
  'channels',
  'web',
  'cli',
  'scripts'
] as const

/**
 * Files under the rooms whose names end in one of the endings, in a fixed order. @throws where
 * there is no such room
 */
export function readSources(
  rooms: readonly string[],
  endings: readonly string[] = ['.ts']
): Source[] {
  return rooms.flatMap((room) =>
    fs
      .readdirSync(room, { recursive: true, encoding: 'utf8' })
      .filter((name) => endings.some((ending) => name.endsWith(ending)))
      .sort()
      .map((name) => path.join(room, name))
      .filter((file) => fs.statSync(file).isFile())
      .map((file) => ({
        path: file.split(path.sep).join('/'),
        text: fs.readFileSync(file, 'utf8')
      }))
  )
}

/**
 * Code without its comments and the words of its strings, so that only names are left. Template
 * strings keep what is inside `${}`.
 */
export function namesOnly(code: string): string {
  return code
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
    .replace(/(^|[^:\\])\/\/.*$/gm, '$1')
    .replace(/`(?:[^`\\]|\\.)*`/g, (template) => (template.match(/\$\{[^}]*\}/g) ?? []).join(' '))
}
