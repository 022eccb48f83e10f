/** One YAML file read and checked so that every problem names its file, line and field. */
import { access, readFile } from 'node:fs/promises'
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'

/** A configuration of a thousand rules is about 200 KB; more than this is some other file. */
export const MAX_FILE_BYTES = 1024 * 1024

export type Path = readonly PropertyKey[]

/**
 * A checked file: its value where it could be used, its problems, and the way from a field to its
 * line for later checks.
 */
export interface YamlFile<T> {
  readonly value: T | undefined
  readonly problems: readonly string[]
  /** `file:line: field: message` for one field of this file. */
  at(path: Path, message: string): string
}

/**
 * Reads one file under `dir`.
 * @param name path below `dir`, as it is shown in problems
 */
export async function readYaml<S extends z.ZodType>(
  dir: string,
  name: string,
  schema: S
): Promise<YamlFile<z.output<S>>> {
  try {
    const bytes = await readFile(`${dir}/${name}`)
    if (bytes.length > MAX_FILE_BYTES)
      return unreadable(name, `larger than ${MAX_FILE_BYTES} bytes`)
    return checkYaml(name, bytes.toString('utf8'), schema)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return unreadable(name, code === 'ENOENT' ? 'this file is missing' : `cannot be read (${code})`)
  }
}

/** As readYaml, for a file that an installation may leave out: it is read as if it were empty. */
export async function readOptionalYaml<S extends z.ZodType>(
  dir: string,
  name: string,
  schema: S
): Promise<YamlFile<z.output<S>>> {
  const there = await access(`${dir}/${name}`).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT'
  )
  return there ? readYaml(dir, name, schema) : checkYaml(name, '{}', schema)
}

/** Checks the text of one file. */
export function checkYaml<S extends z.ZodType>(
  name: string,
  text: string,
  schema: S
): YamlFile<z.output<S>> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (path: Path, message: string) =>
    `${name}:${lineOf(document, lines, path)}: ${path.length > 0 ? `${showPath(path)}: ` : ''}${message}`
  if (document.errors.length > 0) {
    return {
      value: undefined,
      at,
      problems: document.errors.map(
        (error) => `${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`
      )
    }
  }
  const content = asData(document)
  if (content.kind === 'refused')
    return { value: undefined, at, problems: [at([], content.reason)] }
  const parsed = schema.safeParse(content.data)
  if (parsed.success) return { value: parsed.data, at, problems: [] }
  return {
    value: undefined,
    at,
    problems: parsed.error.issues.flatMap((issue) => describe(issue, at))
  }
}

/** toJS throws on alias bombs ("billion laughs"): the library expands at most 100. */
function asData(
  document: Document
): { kind: 'read'; data: unknown } | { kind: 'refused'; reason: string } {
  try {
    return { kind: 'read', data: document.toJS() }
  } catch (error) {
    return { kind: 'refused', reason: (error as Error).message }
  }
}

function describe(issue: z.core.$ZodIssue, at: YamlFile<unknown>['at']): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => at([...issue.path, key], 'there is no such field'))
  // A record's bad key keeps its own reason one level down.
  if (issue.code === 'invalid_key')
    return issue.issues.map((inner) => at(issue.path, inner.message))
  if (
    issue.code === 'invalid_type' &&
    issue.input === undefined &&
    issue.message.endsWith('received undefined')
  )
    return [at(issue.path, 'is missing')]
  return [at(issue.path, issue.message.replace(/^Invalid input: /, ''))]
}

/** The line of the field, or of the nearest thing around it where the field itself is missing. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const offset = offsetOf(document, path.slice(0, length))
    if (offset !== undefined) return lines.linePos(offset).line
  }
  return 1
}

function offsetOf(document: Document, path: Path): number | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
  const last = path.at(-1)
  if (isMap(parent)) {
    const key = parent.items.find(
      (pair) => isScalar(pair.key) && String(pair.key.value) === String(last)
    )?.key
    return isScalar(key) ? key.range?.[0] : undefined
  }
  const node = document.getIn(path, true)
  return isNode(node) ? node.range?.[0] : undefined
}

function showPath(path: Path): string {
  return path.reduce<string>(
    (shown, part) =>
      typeof part === 'number' ? `${shown}[${part}]` : `${shown}${shown ? '.' : ''}${String(part)}`,
    ''
  )
}

function unreadable(name: string, message: string): YamlFile<never> {
  return {
    value: undefined,
    problems: [`${name}:1: ${message}`],
    at: (_path, text) => `${name}:1: ${text}`
  }
}
