import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import { redisArguments } from '../../bench/redis-arguments.ts'
import { freePort } from './ports.ts'

export interface OwnRedis {
  readonly url: string
  /** SIGKILL, as a crash of the machine would. */
  kill(): Promise<void>
  /** Starts it again on its port with what its append-only file holds. */
  restart(): Promise<void>
  remove(): Promise<void>
}

/** A Redis that a test may kill. */
export async function startOwnRedis(): Promise<OwnRedis> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let server = launch()
  await answers(url)

  function launch(): ChildProcess {
    return spawn('redis-server', redisArguments(port, dir), { stdio: 'ignore' })
  }
  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = new Promise((resolve) => {
      server.once('exit', resolve)
    })
    server.kill('SIGKILL')
    await ended
  }
  return {
    url,
    kill,
    async restart() {
      server = launch()
      await answers(url)
    },
    async remove() {
      await kill()
      fs.rmSync(dir, { recursive: true, force: true })
    }
  }
}

async function answers(url: string): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 })
  client.on('error', () => undefined)
  await client.ping()
  client.disconnect()
}
