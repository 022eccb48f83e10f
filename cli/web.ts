import { collectDefaultMetrics, Registry } from 'prom-client'
import type { AddressInfo } from 'node:net'
import { publicUrl } from '../config/settings.ts'
import { EvenhandError } from '../platform/errors.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import { listenWithin, stopListening } from '../web/listen.ts'
import { openWeb, type Added } from '../web/open-web.ts'
import { measureRuntime, measureLoop } from './metrics.ts'
import { print, say } from './shared.ts'

/**
 * Listens on HOST:PORT with the channels' routes, the desk and the probes; stops after the requests
 * in hand.
 */
export async function startWeb(
  runtime: OpenRuntime,
  added: Added
): Promise<{ where: string; stop(): Promise<void> }> {
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  measureRuntime(runtime, metrics)
  measureLoop(runtime.watch, metrics)
  const { app, staff } = openWeb(runtime, added, metrics)
  const { HOST, PORT } = runtime.settings
  const server = listenWithin(app, PORT, HOST)
  await new Promise<void>((resolve, reject) =>
    server
      .once('listening', resolve)
      .once('error', (error) =>
        reject(
          new EvenhandError(
            'PORT_TAKEN',
            `PORT, HOST: ${HOST} port ${PORT}, ${(error as NodeJS.ErrnoException).code}`,
            { cause: error }
          )
        )
      )
  )
  const { port } = server.address() as AddressInfo
  const link = await staff.inviteFirst({
    email: runtime.agency().departments.agency.email,
    name: 'Administrator',
    role: 'admin',
    departments: runtime.agency().departments.departments.map(({ id }) => id)
  })
  if (link)
    inviteOnConsole(
      runtime,
      PORT === 0 ? `http://${HOST}:${port}` : publicUrl(runtime.settings),
      link
    )
  return {
    where: `${HOST}:${port}`,
    stop: () => stopListening(server)
  }
}

/**
 * The one line of a first start that a person has to act on; printed, not logged: a log is kept and
 * read by others.
 */
function inviteOnConsole(runtime: Pick<Runtime, 'log'>, base: string, token: string): void {
  say('')
  say("First start. Open this link once to make the administrator's account:")
  print(`${base}/desk/setup/${token}`)
  say('')
  runtime.log.info('the first administrator can set up their account')
}
