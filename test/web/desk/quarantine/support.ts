import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { bringIn, settlerOf } from '../../../helpers/contacts.ts'
import { openSite, type Page, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

export const unsigned = 'It carries no signature.'

/**
 * A site for the tests of a file, whose mailroom clerk is signed in; each begins with nothing held.
 */
export function useQuarantine() {
  const opened = {} as { site: Site; clerk: SignedIn }
  beforeAll(async () => {
    opened.site = await openSite()
    opened.clerk = await signIn(opened.site, 'mailroom')
  })
  afterAll(() => opened.site.close())
  beforeEach(async () => {
    await sql`update contacts set discarded_at = now() where state = 'quarantined'`.execute(
      opened.site.runtime.db
    )
  })
  const stepsOf = async (contactId: string) =>
    String(
      (
        await opened.site.runtime.db
          .selectFrom('contacts')
          .select('trail')
          .where('id', '=', contactId)
          .executeTakeFirstOrThrow()
      ).trail.length
    )
  return {
    opened,
    stepsOf,
    /** Contacts that nobody vouches for, in the order given. */
    async hold(texts: readonly string[], channel: 'sms' | 'fax' = 'sms') {
      const { runtime } = opened.site
      const held = []
      for (const text of texts)
        held.push(
          await bringIn(runtime, {
            channel,
            text,
            raw: { quarantine: unsigned, externalId: randomUUID() }
          })
        )
      await settlerOf(runtime).settle(held.map(({ contactId }) => contactId))
      return held
    },
    view: (query = '') => opened.clerk.get(`/desk/quarantine${query}`),
    /** As a page made just now would send it, unless the fields say what an earlier one showed. */
    post: async (path: string, fields: Record<string, string>) =>
      opened.clerk.post(`/desk/quarantine/${path}`, {
        _csrf: (await opened.clerk.get('/desk/counter')).input('_csrf'),
        ...(/^[0-9a-f-]{36}/.test(path) ? { seen: await stepsOf(path.slice(0, 36)) } : {}),
        ...fields
      }),
    stateOf: (contactId: string) =>
      opened.site.runtime.db
        .selectFrom('contacts')
        .select(['state', 'discarded_at'])
        .where('id', '=', contactId)
        .executeTakeFirstOrThrow()
  }
}

export const junk = (count: number) =>
  Array.from({ length: count }, (_, n) => `Win ${n} dollars now`)
export const groupOn = (page: Page) => /group=([0-9a-f]{32})/.exec(page.text)?.[1] ?? ''
export const receiptsOn = (page: Page) =>
  [...page.text.matchAll(/<p class="muted"><span class="code">([0-9A-Z-]{20})</g)].map(
    ([, receipt]) => receipt
  )
