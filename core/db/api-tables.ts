/** Row types of what other systems have to do with: their keys, requests that may be repeated, departments' webhooks. */
import type { Generated, JSONColumnType } from 'kysely'

export interface ApiTables {
  webhook_lines: {
    department: string
    turn: string
    state: Generated<'running' | 'stopped'>
    reason: string | null
    attempts: Generated<number>
    failing_since: Date | null
    due_at: Generated<Date>
    claim: string | null
    claimed_until: Date | null
    delivered_at: Date | null
  }
  webhook_failures: {
    id: string
    department: string
    turn: string
    event_id: string
    reason: string
    attempts: number
    failed_at: Generated<Date>
    state: Generated<'waiting' | 'sent' | 'dismissed'>
    decided_at: Date | null
  }
  api_keys: { id: string; name: string; scopes: string[]; per_minute: number; created_at: Generated<Date>; disabled_at: Date | null }
  api_key_secrets: { hash: string; key_id: string; created_at: Generated<Date>; expires_at: Date | null; last_used_at: Date | null }
  idempotent_requests: {
    owner: string
    idempotency_key: string
    fingerprint: string
    state: Generated<'running' | 'done'>
    started_at: Generated<Date>
    expires_at: Date
    status: number | null
    headers: JSONColumnType<Record<string, string>> | null
    body: string | null
  }
}
