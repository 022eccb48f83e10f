import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { openDovecot, type Dovecot } from '../helpers/dovecot.ts'
import { lyingMail, openAgency, startPulling, type Agency } from '../helpers/mailboxes.ts'
import { killEvenhand } from '../helpers/running.ts'
import { until, untilNoneLeft } from '../helpers/until.ts'

/**
 * A hundred between two kills; MAILBOX_MAILS=10000 is the size of an office's mailbox, for 4 minutes
 * on two cores.
 */
const MAILS = Number(process.env['MAILBOX_MAILS'] ?? 2_500)
const KILLS = 20

let dovecot: Dovecot
let agency: Agency
beforeAll(async () => {
  dovecot = await openDovecot()
  for (let number = 1; number <= MAILS; number++) dovecot.deliver('hello', lyingMail(number))
  agency = await openAgency(dovecot, { hello: {} })
})
afterAll(async () => {
  await agency.remove()
  await dovecot.remove()
})

async function count(table: 'contacts' | 'mailbox_messages'): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from ${sql.table(table)}`.execute(agency.runtime.db)
  return rows[0]!.count
}

/** Kills the process once it has taken some more; where that is, is a machine's business. */
async function killAfter(taken: number): Promise<void> {
  const child = startPulling(agency)
  await until(async () => (await count('contacts')) >= taken, { everyMs: 30 })
  await killEvenhand({ child })
}

test(`a mailbox of ${MAILS} mails is drained through ${KILLS} kills: each once, oldest first`, async () => {
  for (let kill = 1; kill <= KILLS; kill++) await killAfter((kill * MAILS) / (KILLS + 2) + kill)
  const child = startPulling(agency)
  await untilNoneLeft(async () => MAILS - (await count('mailbox_messages')))
  await killEvenhand({ child })
  const taken = await agency.runtime.db
    .selectFrom('contacts')
    .select(sql<number>`(evidence ->> 'uid')::int`.as('uid'))
    .orderBy('ordinal')
    .execute()
  expect(taken.map(({ uid }) => uid)).toEqual(Array.from({ length: MAILS }, (_, n) => n + 1))
})
