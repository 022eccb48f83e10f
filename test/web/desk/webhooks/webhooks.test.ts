import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { Registry } from 'prom-client'
import { tellDepartment } from '../../../../core/webhooks/deliver.ts'
import { listFailures } from '../../../../core/webhooks/failures.ts'
import { openLine } from '../../../../core/webhooks/store.ts'
import { openWeb } from '../../../../web/open-web.ts'
import { standMany } from '../../../helpers/contacts.ts'
import { openReceiver, withWebhooks, type Receiver } from '../../../helpers/receiver.ts'
import { createTestRuntime, type TestRuntime } from '../../../helpers/runtime.ts'
import { listen, type Site } from '../../../helpers/site.ts'
import { signIn } from '../../../helpers/staff.ts'

let plain: TestRuntime
let runtime: TestRuntime
let receiver: Receiver
let site: Site
beforeAll(async () => {
  plain = await createTestRuntime('postgres', { PUBLIC_URL: 'http://town.example' })
  receiver = await openReceiver()
  runtime = withWebhooks(plain, { parks: { url: receiver.url } })
  const { app, staff } = openWeb(runtime, {}, new Registry())
  site = { runtime, staff, ...(await listen(app)) }
})
afterAll(async () => {
  await site.close()
  await receiver.close()
  await plain.remove()
})

describe('the page of webhooks', () => {
  test('shows what stopped and what was not taken, and a person sets both going', async () => {
    const supervisor = await signIn(site, 'supervisor')
    expect((await supervisor.get('/desk/webhooks')).text).toContain('Nothing to tell yet')
    await openLine(runtime.db, 'parks')
    await standMany(runtime, 3)
    receiver.answer = () => (receiver.asked.length <= 5 ? 422 : 410)
    for (let n = 0; n < 5; n++) {
      await sql`update webhook_lines set due_at = now()`.execute(runtime.db)
      await tellDepartment(runtime, 'parks')
    }
    const page = await supervisor.get('/desk/webhooks')
    expect(page.text).toMatch(/Stopped<\/strong>: the receiver says that it is gone \(410\)/)
    expect(page.text).toContain('2 events to be told')
    expect(page.text).toMatch(/Parks and Recreation: it answered 422, 5 tries/)
    const {
      failures: [failure]
    } = await listFailures(runtime.db)
    const submit = async (path: string) =>
      supervisor.post(path, { _csrf: (await supervisor.get('/desk/webhooks')).input('_csrf') })
    await submit(`/desk/webhooks/events/${failure!.id}/send`)
    expect((await supervisor.get('/desk/webhooks')).text).toContain(
      'The receiver did not take the event; it stays in the list.'
    )
    receiver.answer = () => 204
    await submit(`/desk/webhooks/events/${failure!.id}/send`)
    expect((await supervisor.get('/desk/webhooks')).text).toContain('The event was taken.')
    await submit('/desk/webhooks/parks/start')
    expect(await tellDepartment(runtime, 'parks')).toBe(2)
    const done = await supervisor.get('/desk/webhooks')
    expect(done.text).toContain('Running')
    expect(done.text).toContain('None.')
    await submit(`/desk/webhooks/events/${failure!.id}/dismiss`)
    expect((await supervisor.get('/desk/webhooks')).text).toContain(
      'There is no such webhook or event to send.'
    )
  })

  test('is for supervisors and administrators', async () => {
    expect(
      await Promise.all(
        (['agent', 'mailroom', 'admin'] as const).map(
          async (role) => (await (await signIn(site, role)).get('/desk/webhooks')).status
        )
      )
    ).toEqual([403, 403, 200])
  })
})
