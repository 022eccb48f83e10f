/** One delivery: which departments have a webhook, and what a request to one holds. */
import { Webhook } from 'standardwebhooks'
import type { Department } from '../../config/schema.ts'
import { publicUrl } from '../../config/settings.ts'
import type { Runtime } from '../runtime.ts'
import { toCloudEvent, type LineEventRow } from './event.ts'
import { post, type Posted } from '../../platform/http-client/post.ts'

type Hook = NonNullable<Department['webhook']>
export type Target = Department & { readonly webhook: Hook }

/** Departments of the configuration in force that have a webhook. */
export function hookedDepartments({ agency }: Pick<Runtime, 'agency'>): Target[] {
  return agency().departments.departments.filter(
    (department): department is Target => department.webhook !== undefined
  )
}

/**
 * One request: a single event in structured mode, several as a batch (CloudEvents HTTP binding
 * 1.0.2, sections 3.2 and 3.3).
 */
export async function send(
  runtime: Pick<Runtime, 'secret' | 'settings'>,
  { id, webhook }: Target,
  rows: readonly LineEventRow[]
): Promise<Posted> {
  const source = `${publicUrl(runtime.settings)}/v1/lines/${id}`
  const events = rows.map((row) => toCloudEvent(row, source, webhook.include))
  const single = webhook.maxInFlight === 1 || events.length === 1
  const body = JSON.stringify(single ? events[0] : events)
  const deliveryId = single
    ? `${id}-${events[0]!.id}`
    : `${id}-${events[0]!.id}-${events.at(-1)!.id}`
  const headers = {
    'content-type': `application/cloudevents${single ? '' : '-batch'}+json; charset=utf-8`,
    'user-agent': 'Evenhand',
    ...signedHeaders(secretsOf(runtime, id, webhook), { id: deliveryId, body, at: new Date() })
  }
  return post(webhook.url, headers, body, { allowPrivate: webhook.allowPrivate })
}

/**
 * The secret of a department's receiver, as its administrator puts it there: derived, so that it is
 * in no file and no table.
 */
export function webhookSecret(
  { secret }: Pick<Runtime, 'secret'>,
  department: string,
  version: number
): string {
  return `whsec_${Buffer.from(secret(`webhook:${department}:${version}`)).toString('base64')}`
}

/** While a secret is changed over, the one before signs too: the receiver may know either. */
function secretsOf(
  runtime: Pick<Runtime, 'secret'>,
  department: string,
  { secretVersion }: Hook
): string[] {
  const versions = secretVersion > 1 ? [secretVersion, secretVersion - 1] : [secretVersion]
  return versions.map((version) => webhookSecret(runtime, department, version))
}

/** By the Standard Webhooks specification 1.0. */
function signedHeaders(
  secrets: readonly string[],
  { id, body, at }: { readonly id: string; readonly body: string; readonly at: Date }
): Record<string, string> {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, at, body))
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signatures.join(' ')
  }
}
