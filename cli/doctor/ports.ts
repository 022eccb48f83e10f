/** Whether our ports are free, or held by the Evenhand that runs already. */
import net from 'node:net'
import type { Settings } from '../../config/settings.ts'
import { fail, ok, reasonOf, type Check } from './check.ts'

const ANSWER_WITHIN_MS = 2_000

export async function checkPorts(settings: Settings): Promise<Check[]> {
  const { HOST, PORT, SMTP_PORT } = settings
  return [
    await checkPort('port-web', 'PORT', HOST, PORT, () => answersHealth(HOST, PORT)),
    await checkPort('port-smtp', 'SMTP_PORT', HOST, SMTP_PORT, () =>
      greetsAsEvenhand(HOST, SMTP_PORT)
    )
  ]
}

async function checkPort(
  name: string,
  variable: string,
  host: string,
  port: number,
  isOurs: () => Promise<boolean>
): Promise<Check> {
  const where = `${host}:${port}`
  const error = await tryListening(host, port)
  if (!error) return ok(name, port === 0 ? 'any free port' : `${where} is free`)
  if (error.code === 'EADDRINUSE') {
    if (await isOurs()) return ok(name, `Evenhand answers at ${where}`)
    return fail(
      name,
      `${where} is held by another program`,
      `Stop that program (ss -ltnp shows it) or choose another ${variable}.`
    )
  }
  if (error.code === 'EACCES')
    return fail(
      name,
      `this account may not listen on ${where}`,
      `Choose a ${variable} above 1023, or give the account the right to use low ports (docs/administrator.md).`
    )
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return fail(
      name,
      `${host} is no address of this machine`,
      'Set HOST to one that is, or to 0.0.0.0 for all.'
    )
  return fail(name, `cannot listen on ${where}: ${reasonOf(error)}`, `Check HOST and ${variable}.`)
}

function tryListening(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer().once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

async function answersHealth(host: string, port: number): Promise<boolean> {
  const reachable = reach(host)
  const url = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/healthz`
  return fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), redirect: 'error' }).then(
    async (response) => {
      await response.body?.cancel()
      return response.ok
    },
    () => false
  )
}

function greetsAsEvenhand(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: reach(host), port })
    const end = (ours: boolean) => {
      socket.destroy()
      resolve(ours)
    }
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(false))
    socket.once('error', () => end(false)).once('close', () => end(false))
    socket.once('data', (greeting) => end(/^220 .*Evenhand/.test(greeting.toString('latin1'))))
  })
}

/** An address to connect to, for one that means "all of this machine's". */
function reach(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
