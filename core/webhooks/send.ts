/** One delivery: which departments have a webhook, and what a request to one holds. */
import type { Department } from '../../config/schema.ts'
import { publicUrl } from '../../config/settings.ts'
import type { Ground } from '../ground.ts'
import { toCloudEvent, type LineEventRow } from './event.ts'
import { post, type Posted } from './post.ts'
import { signedHeaders } from './sign.ts'

type Hook = NonNullable<Department['webhook']>
export type Target = Department & { readonly webhook: Hook }

/** Departments of the configuration in force that have a webhook. */
export function hookedDepartments({ agency }: Pick<Ground, 'agency'>): Target[] {
  return agency().departments.departments.filter((department): department is Target => department.webhook !== undefined)
}

/** One request: a single event in structured mode, several as a batch (CloudEvents HTTP binding 1.0.2, sections 3.2 and 3.3). */
export async function send(ground: Pick<Ground, 'secret' | 'settings'>, { id, webhook }: Target, rows: readonly LineEventRow[]): Promise<Posted> {
  const source = `${publicUrl(ground.settings)}/v1/lines/${id}`
  const events = rows.map((row) => toCloudEvent(row, source, webhook.include))
  const single = webhook.maxInFlight === 1 || events.length === 1
  const body = JSON.stringify(single ? events[0] : events)
  const deliveryId = single ? `${id}-${events[0]!.id}` : `${id}-${events[0]!.id}-${events.at(-1)!.id}`
  const headers = { 'content-type': `application/cloudevents${single ? '' : '-batch'}+json; charset=utf-8`, 'user-agent': 'Evenhand', ...signedHeaders(ground, id, webhook, deliveryId, body, new Date()) }
  return post(webhook.url, headers, body, { allowPrivate: webhook.allowPrivate })
}
