import { Command, InvalidArgumentError } from 'commander'
import {
  addKey,
  disableKey,
  isScope,
  listKeys,
  OVERLAP_HOURS,
  PER_MINUTE,
  rotateKey,
  splitScopes,
  type ApiKeyListed
} from '../core/access/api-keys.ts'
import { actorFrom, withActor } from './actor.ts'
import { print, printJson, say, wholeNumber, withRuntime } from './shared.ts'

interface Common {
  json?: boolean
  as?: string
}

/** Keys of other systems: made, shown, changed over and ended. */
export function keysCommand(): Command {
  return new Command('keys')
    .description('Keys by which other systems use the API')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(rotateCommand())
    .addCommand(disableCommand())
}

function addCommand(): Command {
  return withCommon(
    new Command('add')
      .description('Makes a key and prints its secret, once')
      .argument('<name>', 'the other system, for people')
  )
    .requiredOption(
      '--scopes <list>',
      'contacts:write, line:read:<department or *>, line:serve:<department or *>; separated by commas',
      readScopes
    )
    .option('--per-minute <n>', 'requests allowed in a minute', wholeNumber(1), PER_MINUTE)
    .action((name: string, options: Common & { scopes: string[]; perMinute: number }) =>
      withRuntime(async (runtime) => {
        show(
          await addKey(
            runtime.db,
            { name, scopes: options.scopes, perMinute: options.perMinute },
            await actorFrom(runtime.db, options.as)
          ),
          options
        )
      })
    )
}

function listCommand(): Command {
  return new Command('list')
    .description('Lists keys, what each may do and when it was last used')
    .option('--json', 'print JSON')
    .action((options: Common) =>
      withRuntime(async (runtime) => {
        const keys = await listKeys(runtime.db)
        if (options.json) return printJson({ keys })
        if (keys.length === 0) print('There are no keys.')
        for (const key of keys) print(describe(key))
      })
    )
}

function rotateCommand(): Command {
  return withCommon(
    new Command('rotate')
      .description('Makes a new secret for a key; the old one works on for a while')
      .argument('<key>', 'its id')
  )
    .option(
      '--overlap <hours>',
      'how long the old secret works on; 0 ends it now',
      wholeNumber(),
      OVERLAP_HOURS
    )
    .action((id: string, options: Common & { overlap: number }) =>
      withRuntime(async (runtime) => {
        show(
          {
            id,
            secret: await rotateKey(
              runtime.db,
              id,
              await actorFrom(runtime.db, options.as),
              options.overlap
            )
          },
          options
        )
      })
    )
}

function disableCommand(): Command {
  return withCommon(
    new Command('disable')
      .description('Ends a key at once; cases it holds return when their lease ends')
      .argument('<key>', 'its id')
  ).action((id: string, options: Common) =>
    withRuntime(async (runtime) => {
      await disableKey(runtime.db, id, await actorFrom(runtime.db, options.as))
      if (options.json) printJson({ id, disabled: true })
      else print(`${id}  disabled`)
    })
  )
}

/** @throws InvalidArgumentError, which commander reports as misuse */
function readScopes(typed: string): string[] {
  const scopes = splitScopes(typed)
  const wrong = scopes.filter((scope) => !isScope(scope))
  if (scopes.length === 0 || wrong.length > 0)
    throw new InvalidArgumentError(
      `${wrong.length > 0 ? `There is no scope ${wrong.join(', ')}.` : 'It names no scope.'} Scopes are contacts:write, line:read:<department or *> and line:serve:<department or *>.`
    )
  return scopes
}

function withCommon(command: Command): Command {
  return withActor(command).option('--json', 'print JSON')
}

/** The one time that a secret is seen. */
function show({ id, secret }: { id: string; secret: string }, { json }: Common): void {
  if (json) return printJson({ id, secret })
  print(secret)
  say(
    `This is the secret of key ${id}. It is shown once; put it where the other system keeps its secrets.`
  )
}

function describe({ id, name, scopes, perMinute, disabledAt, secrets }: ApiKeyListed): string {
  const used = secrets
    .map(({ lastUsedAt }) => lastUsedAt)
    .filter((at) => at !== undefined)
    .toSorted((a, b) => b.getTime() - a.getTime())[0]
  const ending = secrets.filter(({ expiresAt }) => expiresAt).length
  const state = disabledAt
    ? 'disabled'
    : `${used ? `last used ${used.toISOString()}` : 'never used'}${ending > 0 ? `, ${ending} old secret${ending === 1 ? '' : 's'} ending` : ''}`
  return `${id}  ${name}\n    ${scopes.join(' ')}; ${perMinute} a minute; ${state}`
}
