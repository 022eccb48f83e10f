import { watch, type FSWatcher } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { crossCheck, type AgencyFiles } from './cross-checks.ts'
import { checkPhone } from './phone-checks.ts'
import { phoneSchema, type PhoneConfig } from './phone-schema.ts'
import { gatewaysSchema, type Gateway } from './gateways.ts'
import {
  checkMailboxes,
  mailboxesSchema,
  withMailboxRules,
  type PulledMailbox
} from './mailboxes.ts'
import { repliesSchema, type SavedReply } from './replies.ts'
import {
  departmentsSchema,
  formSchema,
  localeSchema,
  mailroomSchema,
  routesSchema,
  type Departments,
  type Form,
  type Locales,
  type MailroomConfig,
  type Routes
} from './schema.ts'
import { servicesSchema, type Services } from './services-schema.ts'
import { readOptionalYaml, readYaml, type YamlFile } from './yaml-file.ts'

/** The agency as data: everything under CONFIG_DIR, checked. */
export interface Agency {
  readonly departments: Departments
  readonly routes: Routes
  readonly forms: readonly Form[]
  readonly mailroom: MailroomConfig
  /** Services that hand in by mail what came another way. */
  readonly gateways: readonly Gateway[]
  /** Mailboxes that are pulled; none where there is no mailboxes.yaml. */
  readonly mailboxes?: readonly PulledMailbox[]
  /** What staff may begin a reply with; nothing where there is no replies.yaml. */
  readonly replies?: readonly SavedReply[]
  /** What can be reported by Open311; nothing where there is no services.yaml. */
  readonly services: Services & { readonly changedAt: Date }
  /** What callers hear and may press; a greeting and a recording where there is no phone.yaml. */
  readonly phone?: PhoneConfig
  /** Interface sentences by language, then by key. */
  readonly locales: Locales
  /** What can be lived with, such as a sentence not yet translated. */
  readonly warnings: readonly string[]
}

/** Thrown with every problem of every file at once; each reads `file:line: field: message`. */
export class ConfigError extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(
      `The configuration cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`
    )
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * Sentences that come with the program: an agency's own locales need only name what they say
 * differently.
 */
const shipped = import.meta.dirname

/**
 * Reads departments.yaml, routes.yaml, mailroom.yaml, gateways.yaml, mailboxes.yaml, services.yaml,
 * phone.yaml, replies.yaml, forms/*.yaml and locales/*.yaml under `dir`.
 * @throws ConfigError with all problems together
 */
export async function loadAgency(dir: string): Promise<Agency> {
  const [
    departments,
    routes,
    mailroom,
    gateways,
    mailboxes,
    services,
    phone,
    replies,
    forms,
    locales,
    own
  ] = await Promise.all([
    readYaml(dir, 'departments.yaml', departmentsSchema),
    readYaml(dir, 'routes.yaml', routesSchema),
    readOptionalYaml(dir, 'mailroom.yaml', mailroomSchema),
    readOptionalYaml(dir, 'gateways.yaml', gatewaysSchema),
    readOptionalYaml(dir, 'mailboxes.yaml', mailboxesSchema),
    readServices(dir),
    readOptionalYaml(dir, 'phone.yaml', phoneSchema),
    readOptionalYaml(dir, 'replies.yaml', repliesSchema),
    readForms(dir),
    readLocales(dir),
    path.resolve(dir) === shipped ? {} : readLocales(shipped)
  ])
  const files: AgencyFiles = {
    departments,
    routes,
    services: services.file,
    replies,
    forms,
    locales
  }
  const sentences = mergeLocales(own, locales)
  const alone = [
    departments,
    routes,
    mailroom,
    gateways,
    mailboxes,
    services.file,
    phone,
    replies,
    ...forms,
    ...Object.values(locales)
  ].flatMap((file) => file.problems)
  const { problems, warnings } = joined(
    crossCheck(files, sentences),
    checkPhone({ departments, routes, phone }),
    checkMailboxes(mailboxes, departments)
  )
  if (
    !departments.value ||
    !routes.value ||
    !mailroom.value ||
    !gateways.value ||
    !mailboxes.value ||
    !services.file.value ||
    !phone.value ||
    !replies.value ||
    alone.length + problems.length > 0
  )
    throw new ConfigError([...alone, ...problems])
  return {
    departments: departments.value,
    routes: withMailboxRules(routes.value, mailboxes.value.mailboxes),
    mailroom: mailroom.value,
    gateways: gateways.value.gateways,
    mailboxes: mailboxes.value.mailboxes,
    services: { ...services.file.value, changedAt: services.changedAt },
    phone: phone.value,
    replies: replies.value.replies,
    forms: forms.flatMap((form) => form.value ?? []),
    locales: sentences,
    warnings
  }
}

function joined(...all: { problems: string[]; warnings: string[] }[]) {
  return {
    problems: all.flatMap(({ problems }) => problems),
    warnings: all.flatMap(({ warnings }) => warnings)
  }
}

/**
 * Editors write a file in several steps, and people save several files; one reload a little later
 * sees them all.
 */
const SETTLE_MS = 200

/**
 * Loads again whenever a file under `dir` changes. A wrong configuration goes to `onError` and
 * changes nothing, so the last good one stays in use; `onChange` is called only when something
 * differs from what was given before.
 */
export function watchAgency(
  dir: string,
  onChange: (agency: Agency) => void,
  onError: (error: unknown) => void
): { stop(): void } {
  const watchers = new Map<string, FSWatcher>()
  let timer: NodeJS.Timeout | undefined
  let last: Agency | undefined
  let stopped = false
  const reload = async () => {
    watchFolders()
    const agency = await loadAgency(dir).catch((error: unknown) => {
      if (!stopped) onError(error)
    })
    if (stopped || !agency || isDeepStrictEqual(agency, last)) return
    last = agency
    onChange(agency)
  }
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(() => void reload(), SETTLE_MS)
  }
  const watchFolders = () => {
    for (const folder of [dir, path.join(dir, 'forms'), path.join(dir, 'locales')])
      watchFolder(folder, watchers, later)
  }
  watchFolders()
  return {
    stop: () => {
      stopped = true
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    }
  }
}

/** Folders, not files: editors and config maps replace a file by renaming another over it. */
function watchFolder(folder: string, watchers: Map<string, FSWatcher>, changed: () => void): void {
  if (watchers.has(folder)) return
  try {
    const watcher = watch(folder, changed)
    watchers.set(folder, watcher)
    watcher.on('error', () => {
      watcher.close()
      watchers.delete(folder)
    })
  } catch {
    // forms/ and locales/ may come later; the change to their parent tries again.
  }
}

/** Agencies without Open311 need no file. */
async function readServices(dir: string): Promise<{ file: YamlFile<Services>; changedAt: Date }> {
  const found = await stat(path.join(dir, 'services.yaml')).catch(() => undefined)
  return {
    file: await readOptionalYaml(dir, 'services.yaml', servicesSchema),
    changedAt: found?.mtime ?? new Date(0)
  }
}

async function readForms(dir: string): Promise<YamlFile<Form>[]> {
  const files = await yamlFiles(dir, 'forms')
  return Promise.all(files.map((name) => readYaml(dir, `forms/${name}`, formSchema)))
}

async function readLocales(dir: string): Promise<Record<string, YamlFile<Record<string, string>>>> {
  const files = await yamlFiles(dir, 'locales')
  const read = files.map(
    async (name) =>
      [path.parse(name).name, await readYaml(dir, `locales/${name}`, localeSchema)] as const
  )
  return Object.fromEntries(await Promise.all(read))
}

async function yamlFiles(dir: string, folder: string): Promise<string[]> {
  const names = await readdir(path.join(dir, folder)).catch(() => [])
  return names.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort()
}

function mergeLocales(...layers: Record<string, YamlFile<Record<string, string>>>[]): Locales {
  const languages = new Set(layers.flatMap((layer) => Object.keys(layer)))
  return Object.fromEntries(
    [...languages].map((language) => [
      language,
      Object.assign({}, ...layers.map((layer) => layer[language]?.value ?? {}))
    ])
  )
}
