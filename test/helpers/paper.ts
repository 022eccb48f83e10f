import { quarantine } from '../../core/contacts/state.ts'
import type { TrailStep } from '../../core/contacts/tables.ts'
import type { Scan } from '../../core/mailroom/types.ts'
import { processBatch } from '../../core/mailroom/process-batch.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { readByHand } from './contacts.ts'
import type { Page, Visitor } from './site.ts'

/** A form with scans, as the mailroom's page sends it. */
export function scansForm(
  token: string,
  files: readonly { name: string; bytes: Uint8Array }[],
  side: Scan['side'] = 'both'
): FormData {
  const form = new FormData()
  form.append('_csrf', token)
  form.append('side', side)
  for (const { name, bytes } of files)
    form.append('scans', new Blob([Buffer.from(bytes)], { type: 'application/pdf' }), name)
  return form
}

/** Logs a tray on the page; answers with its address. */
export async function logTray(
  clerk: Visitor,
  fields: Record<string, string> = {}
): Promise<string> {
  const page = await clerk.get('/desk/mailroom')
  const answer = await clerk.post('/desk/mailroom/trays', { _csrf: page.input('_csrf'), ...fields })
  if (answer.status !== 303) throw new Error(`logging a tray answered ${answer.status}`)
  return answer.headers.get('location')!
}

/** Adds scans on the page. */
export async function addScans(
  clerk: Visitor,
  tray: string,
  files: readonly { name: string; bytes: Uint8Array }[],
  side?: Scan['side']
): Promise<Page> {
  const page = await clerk.get(tray)
  return clerk.post(`${tray}/scans`, scansForm(page.input('_csrf'), files, side))
}

/** Says that all scans are in, and does the worker's part. */
export async function finishTray(
  clerk: Visitor,
  tray: string,
  runtime: OpenRuntime
): Promise<void> {
  const page = await clerk.get(tray)
  await clerk.post(`${tray}/finish`, { _csrf: page.input('_csrf') })
  await processBatch(runtime, tray.split('/').at(-1)!)
}

/** A contact that waits for a person to write it down. */
export async function setAsideUnsure(
  runtime: OpenRuntime,
  contactId: string,
  envelope: object,
  confidence: number
): Promise<void> {
  await readByHand(runtime, contactId, {})
  const line: TrailStep = {
    step: 'read',
    verdict: 'quarantined',
    reason: 'The text is too unsure to decide by.',
    evidence: { code: 'TEXT_UNSURE', confidence }
  }
  const { envelope: read } = await runtime.db
    .selectFrom('contacts')
    .select('envelope')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
  await quarantine(runtime.db, contactId, 'TEXT_UNSURE', line)
  await runtime.db
    .updateTable('contacts')
    .set({ unsure: 'faint', envelope: JSON.stringify({ ...read, ...envelope }) })
    .where('id', '=', contactId)
    .execute()
}
