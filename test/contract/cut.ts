import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

export interface Cut {
  /** The database's address through the cable. */
  readonly url: string
  /** Cuts it: open connections break, new ones are refused. */
  cut(): Promise<void>
  mend(): Promise<void>
  remove(): Promise<void>
}

/**
 * A cable between a runtime and the run's PostgreSQL that can be cut and mended; both ends are Unix
 * sockets.
 */
export async function cable(databaseUrl: string): Promise<Cut> {
  const away = new URL(databaseUrl)
  const target = path.join(away.searchParams.get('host')!, `.s.PGSQL.${away.port || 5432}`)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-cut-'))
  const socket = path.join(folder, '.s.PGSQL.5432')
  away.searchParams.set('host', folder)
  const open = new Set<net.Socket>()
  let server = await join(socket, target, open)
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const one of open) one.destroy()
    })
  return {
    url: away.href,
    cut,
    mend: async () => {
      server = await join(socket, target, open)
    },
    remove: async () => {
      if (server.listening) await cut()
      fs.rmSync(folder, { recursive: true, force: true })
    }
  }
}

async function join(socket: string, target: string, open: Set<net.Socket>): Promise<net.Server> {
  const server = net.createServer((near) => {
    const far = net.connect(target)
    for (const [one, other] of [
      [near, far],
      [far, near]
    ] as const) {
      open.add(one)
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          open.delete(one)
          other.destroy()
        })
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve)
  })
  return server
}
