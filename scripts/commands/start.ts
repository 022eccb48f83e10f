import { Argument, Command } from 'commander'
import { channels } from '../../channels/index.ts'
import { publicUrl, readSettings } from '../../config/settings.ts'
import type { Ground } from '../../core/ground.ts'
import { collectChannels } from '../../core/collector.ts'
import { openGround } from '../../core/ground.ts'
import { work } from './processing.ts'
import { startWeb } from './web.ts'

const roles = ['web', 'smtp', 'worker'] as const
type Role = (typeof roles)[number]

/** What a role started, in the order of starting; stopped in the other order. */
interface Running { readonly name: string; readonly where?: string; stop(): Promise<unknown> }

/** After this long, in ms, an orderly stop gives up and the process ends; nothing accepted depends on it. */
const STOP_LIMIT_MS = 25_000

export function startCommand(): Command {
  return new Command('start').description('Runs the named roles, all of them if none is named')
    .addArgument(new Argument('[role...]').choices([...roles]))
    .action((named: Role[]) => start(named.length > 0 ? named : [...roles]))
}

async function start(wanted: readonly Role[]): Promise<void> {
  const ground = await openGround(readSettings(), { watch: true })
  const running: Running[] = []
  stopOnSignals(ground, running)
  const { routes, services } = collectChannels(ground, channels)
  if (wanted.includes('worker')) running.push({ name: 'worker', ...work(ground) })
  for (const service of services.filter(({ role }) => wanted.includes(role))) {
    const started = await service.start()
    running.push({ name: service.name, ...(started.port ? { where: `${ground.settings.HOST}:${started.port}` } : {}), stop: () => started.stop() })
  }
  if (wanted.includes('web')) running.push(await startWeb(ground, routes))
  announce(ground, running)
}

/** SIGTERM and SIGINT: stop listening, finish what is in hand, close. A second one ends at once. */
function stopOnSignals(ground: Ground, running: Running[]): void {
  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) process.exit(1)
    stopping = true
    ground.log.info({ signal }, 'stopping')
    setTimeout(() => { ground.log.error('the stop took too long'); process.exit(1) }, STOP_LIMIT_MS).unref()
    for (const one of running.toReversed()) await one.stop().catch((error: unknown) => ground.log.error({ err: error, part: one.name }, 'could not be stopped'))
    await ground.close()
    ground.log.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
}

function announce(ground: Ground, running: Running[]): void {
  const web = running.some(({ name }) => name === 'web') ? { form: publicUrl(ground.settings), desk: `${publicUrl(ground.settings)}/desk` } : {}
  ground.log.info({ ...Object.fromEntries(running.map(({ name, where }) => [name, where ?? 'running'])), ...web, data: ground.settings.DATA_DIR }, 'Evenhand is ready')
}
