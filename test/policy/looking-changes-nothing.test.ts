/**
 * A GET is a look: whoever opens a page, follows a link or lets a browser fetch ahead has not
 * acted. Every route there is is walked.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Express } from 'express'
import { sql } from 'kysely'
import { Registry } from 'prom-client'
import { channels } from '../../channels/index.ts'
import { registerChannels } from '../../channels/register.ts'
import { openMailroom } from '../../core/mailroom/open.ts'
import { quarantine } from '../../core/contacts/quarantine.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { openWeb } from '../../web/open-web.ts'
import { apiCaller, type ApiCaller } from '../helpers/api.ts'
import { bringIn, stand, take } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { listen } from '../helpers/site.ts'
import { signIn, type SignedIn } from '../helpers/staff.ts'

/**
 * Whoever asks is seen to be there, how often is counted, and what they read is on record; nothing of the agency's work
 * is in these.
 */
const mayChange = new Set([
  'staff_sessions',
  'api_key_secrets',
  'access_log',
  'access_log_id_seq',
  'rate_limits'
])

let runtime: TestRuntime
let app: Express
let close: () => Promise<void>
let admin: SignedIn
let url: string
let key: ApiCaller
let values: Record<string, string>

beforeAll(async () => {
  runtime = await createTestRuntime('postgres', { PUBLIC_URL: 'http://town.example' })
  const http = openWeb(runtime, registerChannels(runtime, channels), new Registry())
  app = http.app
  const listening = await listen(app)
  close = listening.close
  url = listening.url
  const site = { runtime, staff: http.staff, url: listening.url, close }
  admin = await signIn(site, 'admin', ['parks'])
  key = await apiCaller(site, ['contacts:write', 'line:serve:*'])
  const held = await stand(runtime, {
    text: 'The lamp is out.',
    documents: [
      { name: 'a.pdf', mediaType: 'application/pdf', bytes: 3, sha256: 'f'.repeat(64), pages: 1 }
    ]
  })
  await take(runtime, `staff:${admin.staff.id}`)
  await stand(runtime)
  const { contactId: aside } = await bringIn(runtime)
  await quarantine(runtime.db, aside, 'read', new EvenhandError('TEXT_UNSURE'))
  const room = openMailroom(runtime)
  const tray = await room.logTray({ actor: 'staff:ann' })
  await room.addScan(tray.id, { name: 'a.pdf', bytes: Buffer.from('x'), actor: 'staff:ann' })
  values = {
    '/desk/quarantine/:id': aside,
    '/desk/transcribe/:contact': aside,
    '/v1/lines/:department': 'parks',
    '/v1/contacts/:contact': held.receipt,
    id: held.caseId,
    contact: held.contactId,
    batch: tray.id,
    receipt: held.receipt,
    department: 'parks',
    role: 'sender',
    form: 'contact'
  }
})
afterAll(async () => {
  await close()
  await runtime.remove()
})

interface Layer {
  match(path: string): boolean
  path?: string
  route?: { path: string; methods: Record<string, boolean> }
  handle: { stack?: Layer[] }
}

/** Paths of every GET route, as Express holds them. */
function getsOf(stack: readonly Layer[], prefix = ''): string[] {
  return stack.flatMap((layer) => {
    if (layer.route) return layer.route.methods['get'] ? [prefix + layer.route.path] : []
    const mounted =
      layer.handle.stack && prefix === '' && !layer.match('/x') && layer.match('/desk')
        ? '/desk'
        : prefix
    return layer.handle.stack ? getsOf(layer.handle.stack, mounted) : []
  })
}

function fill(path: string): string {
  const own = Object.keys(values).filter((name) => name.startsWith('/') && path.startsWith(name))
  const started = own.reduce(
    (filled, name) => filled.replace(name, name.replace(/:\w+$/, values[name]!)),
    path
  )
  return started
    .replaceAll(/[:*](\w+)/g, (_, name: string) => values[name] ?? '1')
    .replaceAll(/[{}]/g, '')
}

/** Every table and sequence of ours, as one fingerprint each. */
async function fingerprints(): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{
    name: string
  }>`select relname as name from pg_class where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'S')`.execute(runtime.db)
  const asked = tables
    .filter(({ name }) => !mayChange.has(name))
    .map(
      ({ name }) =>
        sql`select ${name} as name, md5(coalesce(string_agg(row(t.*)::text, '|'
            order by row(t.*)::text), '')) as print from ${sql.table(name)} as t`
    )
  const { rows } = await sql<{
    name: string
    print: string
  }>`${sql.join(asked, sql` union all `)}`.execute(runtime.db)
  return Object.fromEntries(rows.map(({ name, print }) => [name, print]))
}

/** Counts for as long as a page is open: it has no end. */
const STREAM = '/desk/events'

test('no GET of the desk, the API or a channel changes a row', async () => {
  // A provider's callback is a message of the provider, whichever verb its account is set to.
  const paths = [
    ...new Set(getsOf((app as unknown as { router: { stack: Layer[] } }).router.stack))
  ].filter((path) => !path.startsWith('/hooks/') && path !== STREAM)
  for (const part of [
    '/desk/cases/:id',
    '/desk/mailroom/batches/:batch/separators',
    '/v1/lines/:department',
    '/r/:receipt'
  ])
    expect(paths).toContain(part)
  let before = await fingerprints()
  const shown: string[] = []
  for (const path of paths) {
    const address = fill(path)
    const pages = [
      await admin.get(address),
      await admin.get(`${address}?from=1&count=3&sent=`),
      await key.get(address)
    ]
    if (pages.some(({ status }) => status === 200)) shown.push(path)
    const after = await fingerprints()
    expect({ path, ...after }).toEqual({ path, ...before })
    before = after
  }
  expect(shown.length).toBeGreaterThan(30)
  const cookie = [...admin.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const stream = await fetch(url + STREAM, { headers: { cookie } })
  expect([stream.status, (await stream.body!.getReader().read()).done]).toEqual([200, false])
  expect(await fingerprints()).toEqual(before)
})
