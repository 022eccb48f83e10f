/**
 * Accounts and their sessions, other systems' keys, requests that may be repeated, failed sign-ins
 * and who looked at what.
 */
import type { Generated, JSONColumnType } from 'kysely'
import type { StaffRole } from './staff.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    api_keys: {
      id: string
      name: string
      scopes: string[]
      per_minute: number
      created_at: Generated<Date>
      disabled_at: Date | null
      salt: Generated<string>
    }
    api_key_secrets: {
      hash: string
      key_id: string
      created_at: Generated<Date>
      expires_at: Date | null
      last_used_at: Date | null
    }
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
    sign_in_failures: {
      account_hash: string
      origin_hash: string
      failures: Generated<number>
      blocked_until: Date | null
      failed_at: Generated<Date>
    }
    access_log: {
      id: Generated<string>
      at: Generated<Date>
      actor: string | null
      what: string
      target: string | null
      origin: string
    }
    staff: {
      id: string
      email: string
      name: string
      role: StaffRole
      departments: string[]
      password_hash: string | null
      disabled_at: Date | null
      created_at: Generated<Date>
    }
    staff_sessions: {
      id_hash: string
      staff_id: string
      created_at: Generated<Date>
      last_seen_at: Generated<Date>
      expires_at: Date
    }
    staff_invites: { token_hash: string; staff_id: string; expires_at: Date; used_at: Date | null }
  }
}
