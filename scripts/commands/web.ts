import { collectDefaultMetrics, Registry } from 'prom-client'
import type { AddressInfo } from 'node:net'
import { publicUrl } from '../../config/settings.ts'
import type { ChannelRoute } from '../../core/channel.ts'
import { EvenhandError } from '../../core/errors.ts'
import type { Ground } from '../../core/ground.ts'
import { openHttp } from '../../desk/open-http.ts'
import { measureGround } from './metrics.ts'
import { print, say } from './shared.ts'

/** Listens on HOST:PORT with the channels' routes, the desk and the probes; stops after the requests in hand. */
export async function startWeb(ground: Ground, routes: readonly ChannelRoute[]): Promise<{ name: string; where: string; stop(): Promise<void> }> {
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  measureGround(ground, metrics)
  const { app, staff } = openHttp(ground, routes, metrics)
  const { HOST, PORT } = ground.settings
  const server = app.listen(PORT, HOST)
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', (error) => reject(new EvenhandError('PORT_TAKEN', `${HOST}:${PORT}`, { cause: error }))))
  const { port } = server.address() as AddressInfo
  const link = await staff.inviteFirst({ email: ground.agency().departments.agency.email, name: 'Administrator', role: 'admin', departments: ground.agency().departments.departments.map(({ id }) => id) })
  if (link) inviteOnConsole(ground, PORT === 0 ? `http://${HOST}:${port}` : publicUrl(ground.settings), link)
  return {
    name: 'web', where: `${HOST}:${port}`,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeIdleConnections()
    })
  }
}

/** The one line of a first start that a person has to act on; printed, not logged: a log is kept and read by others. */
function inviteOnConsole(ground: Ground, base: string, token: string): void {
  say('')
  say('First start. Open this link once to make the administrator\'s account:')
  print(`${base}/desk/setup/${token}`)
  say('')
  ground.log.info('the first administrator can set up their account')
}
