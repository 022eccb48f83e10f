import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { readSettings } from '../config/settings.ts'
import { openGround, type Ground } from '../core/ground.ts'
import { createLog } from '../core/logger.ts'

export interface BenchGround {
  readonly ground: Ground
  close(): Promise<void>
}

/** A ground as `npm start` has it, on an empty data folder of its own: embedded defaults, or with a Redis that syncs every write. */
export async function openBenchGround(queues: 'postgres' | 'redis', environment: Record<string, string> = {}): Promise<BenchGround> {
  const dir = fs.mkdtempSync(path.join(process.env['BENCH_DIR'] ?? os.tmpdir(), 'evenhand-bench-'))
  const redis = queues === 'redis' ? await startRedis(dir) : undefined
  const settings = readSettings({ DATA_DIR: dir, CONFIG_DIR: process.env['CONFIG_DIR'], PORT: '0', SMTP_PORT: '0', ...(redis ? { REDIS_URL: redis.url } : {}), ...environment })
  const ground = await openGround(settings, { log: createLog('error') })
  return {
    ground,
    async close() {
      await ground.close()
      redis?.stop()
      fs.rmSync(dir, { recursive: true, force: true })
    }
  }
}

async function startRedis(dir: string): Promise<{ url: string; stop(): void }> {
  const port = await freePort()
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction', '--save', ''], { stdio: 'ignore' })
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new Error('redis-server is not installed (apt-get install redis-server)')))
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
