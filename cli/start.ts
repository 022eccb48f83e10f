import { Argument, Command } from 'commander'
import { channels } from '../channels/index.ts'
import { publicUrl, readSettings, unknownSettings } from '../config/settings.ts'
import { registerChannels } from '../channels/register.ts'
import { openRuntime, type OpenRuntime } from '../core/open-runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import { mendSequences } from '../platform/db/sequences.ts'
import { createLog, type Log } from '../platform/logger.ts'
import { environmentFile } from './environment-file.ts'
import { Lifetime } from './lifetime.ts'
import { lockDataFolder } from './one-start.ts'
import { work } from './processing.ts'
import { startWeb } from './web.ts'

const roles = ['web', 'smtp', 'worker'] as const
type Role = (typeof roles)[number]

export function startCommand(): Command {
  return new Command('start')
    .description('Runs the named roles, all of them if none is named')
    .addArgument(new Argument('[role...]').choices([...roles]))
    .action((named: Role[]) => start(named))
}

/** Resolves when every role runs. A start that fails has stopped what it began before it throws. */
async function start(named: readonly Role[]): Promise<void> {
  const settings = readSettings()
  const log = createLog(settings.LOG_LEVEL)
  nameUnknown(log)
  const lifetime = new Lifetime(log)
  try {
    // Roles of their own share a data folder (Procfile); a second whole start on it is a mistake.
    if (named.length === 0) lifetime.add('lock', lockDataFolder(settings.DATA_DIR))
    const runtime = await openRuntime(settings, { log, watch: true })
    lifetime.add('runtime', { stop: () => runtime.close() })
    await mendSequences(runtime.db, log)
    await startRoles(runtime, named.length > 0 ? named : roles, lifetime)
    if (!lifetime.stopping) announce(runtime, lifetime)
  } catch (error) {
    await lifetime.stopAll()
    throw error
  }
  lifetime.started()
}

async function startRoles(
  runtime: OpenRuntime,
  wanted: readonly Role[],
  lifetime: Lifetime
): Promise<void> {
  const { services, ...added } = registerChannels(runtime, channels)
  if (wanted.includes('worker')) lifetime.add('worker', work(runtime))
  for (const service of services.filter(({ role }) => wanted.includes(role))) {
    if (lifetime.stopping) return
    const started = await service.start()
    lifetime.add(service.name, {
      ...(started.port ? { where: `${runtime.settings.HOST}:${started.port}` } : {}),
      stop: () => started.stop()
    })
  }
  if (wanted.includes('web') && !lifetime.stopping)
    lifetime.add('web', await startWeb(runtime, added))
}

function nameUnknown(log: Log): void {
  for (const { name, hint } of unknownSettings(process.env, environmentFile().names))
    log.warn({ setting: name }, `${name} is set and does nothing: ${hint}`)
}

function announce(runtime: Pick<Runtime, 'settings' | 'log'>, { parts }: Lifetime): void {
  const shown = parts.filter(({ name }) => name !== 'runtime' && name !== 'lock')
  const web = shown.some(({ name }) => name === 'web')
    ? { form: publicUrl(runtime.settings), desk: `${publicUrl(runtime.settings)}/desk` }
    : {}
  runtime.log.info(
    {
      ...Object.fromEntries(shown.map(({ name, where }) => [name, where ?? 'running'])),
      ...web,
      data: runtime.settings.DATA_DIR
    },
    'Evenhand is ready'
  )
}
