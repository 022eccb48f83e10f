/**
 * The queues: BullMQ's tables in PostgreSQL, or Redis. What a queue loses the sweep finds, so
 * nothing here loses contacts.
 */
import { Redis } from 'ioredis'
import type { Settings } from '../../config/settings.ts'
import type { Db } from '../../platform/db/database.ts'
import { hasQueueTables } from '../../platform/db/health.ts'
import { fail, guarded, ok, warn, type Check } from './check.ts'

const TIMEOUT_MS = 5_000

export async function checkPostgresQueue(db: Db): Promise<Check> {
  return ok(
    'queue',
    (await hasQueueTables(db))
      ? 'BullMQ on PostgreSQL, in the schema bullmq'
      : 'BullMQ on PostgreSQL; its schema is made at the first start'
  )
}

export function checkRedis(url: string): Promise<Check[]> {
  return guarded(
    'queue',
    'Check REDIS_URL and that Redis runs. Until then contacts are accepted and wait; the sweep hands them on later.',
    async () => {
      const redis = new Redis(url, {
        lazyConnect: true,
        connectTimeout: TIMEOUT_MS,
        commandTimeout: TIMEOUT_MS,
        disconnectTimeout: 100,
        maxRetriesPerRequest: 0,
        retryStrategy: () => null
      })
      // The client rejects with "Connection is closed"; why it closed comes as an event.
      let reason: Error | undefined
      redis.on('error', (error) => {
        reason = error
      })
      try {
        await redis.connect()
        // INFO, because hosted Redis often refuses CONFIG.
        return judge(await redis.info())
      } catch (error) {
        throw reason ?? error
      } finally {
        redis.disconnect()
      }
    }
  )
}

function judge(info: string): Check[] {
  const facts = new Map(info.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string]))
  const version = facts.get('valkey_version')
    ? `Valkey ${facts.get('valkey_version')}`
    : `Redis ${facts.get('redis_version')}`
  const policy = facts.get('maxmemory_policy')
  return [
    ok('queue', `BullMQ on ${version}`),
    ...(policy === 'noeviction'
      ? []
      : [
          fail(
            'queue',
            `maxmemory-policy is ${policy}: under memory pressure jobs vanish`,
            'Set maxmemory-policy noeviction in redis.conf.'
          )
        ]),
    ...(facts.get('aof_enabled') === '1'
      ? []
      : [
          warn(
            'queue',
            'appendonly is off: after a crash of Redis contacts wait for the sweep',
            'Set appendonly yes in redis.conf.'
          )
        ])
  ]
}

export function queueIsRedis(settings: Settings): settings is Settings & { REDIS_URL: string } {
  return settings.REDIS_URL !== undefined
}
