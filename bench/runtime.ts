import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { readSettings } from '../config/settings.ts'
import { openRuntime, type OpenRuntime } from '../core/open-runtime.ts'
import { createLog } from '../platform/logger.ts'
import { redisArguments } from './redis-arguments.ts'

export interface BenchRuntime {
  readonly runtime: OpenRuntime
  close(): Promise<void>
}

/**
 * A runtime as `npm start` has it, on an empty data folder of its own: embedded defaults, or with a
 * Redis that syncs every write.
 */
export async function openBenchRuntime(
  queues: 'postgres' | 'redis',
  environment: Record<string, string> = {}
): Promise<BenchRuntime> {
  const dir = fs.mkdtempSync(path.join(process.env['BENCH_DIR'] ?? os.tmpdir(), 'evenhand-bench-'))
  const redis = queues === 'redis' ? await startRedis(dir) : undefined
  const settings = readSettings({
    DATA_DIR: dir,
    CONFIG_DIR: process.env['CONFIG_DIR'],
    PORT: '0',
    SMTP_PORT: '0',
    ...(redis ? { REDIS_URL: redis.url } : {}),
    ...environment
  })
  const runtime = await openRuntime(settings, { log: createLog('error') })
  return {
    runtime,
    async close() {
      await runtime.close()
      redis?.stop()
      fs.rmSync(dir, { recursive: true, force: true })
    }
  }
}

async function startRedis(dir: string): Promise<{ url: string; stop(): void }> {
  const port = await freePort()
  const server = spawn('redis-server', redisArguments(port, dir), { stdio: 'ignore' })
  await new Promise<void>((resolve, reject) => {
    server.once('error', () =>
      reject(new Error('redis-server is not installed (apt-get install redis-server)'))
    )
    setTimeout(resolve, 500)
  })
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.kill('SIGTERM') }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}
