/**
 * What the database's owner can do by SQL, one thing after the other: the audit names each.
 * Long because it is a list of them.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { channels } from '../../channels/index.ts'
import { addKey } from '../../core/access/api-keys.ts'
import { verifyAudit, verifyWithin, type AuditReport } from '../../core/audit/verify.ts'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { openDispatcher } from '../helpers/dispatcher.ts'
import { enqueueEarlyReceipt } from '../../core/outbox/early-receipts.ts'
import { declineSuggested } from '../../core/settle/review-duplicate.ts'
import { quarantine } from '../../core/contacts/quarantine.ts'
import { StaffStore } from '../../core/access/staff.ts'
import { coverage } from '../core/audit/columns.ts'
import { bringIn, stand, take, tokenFor, type Mail, type Stood } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'

let runtime: TestRuntime
let answered: Stood
let handedOff: Stood
let waiting: Stood
let followUp: Stood
let joined: Stood
let held: string
let unsettled: string
let agent: string
let key: string
let suggested: string
let declined: string
let same: string

beforeAll(async () => {
  runtime = await createTestRuntime()
  answered = await stand(runtime, {
    text: 'The lamp on Elm Street is out.',
    from: 'ana@example.com'
  })
  handedOff = await stand(runtime, { text: 'There is a fire in the park.' })
  waiting = await stand(runtime, { text: 'A bench is broken.' })
  await take(runtime)
  await runtime.line.close(answered.caseId, 'staff:ann', 'lamp replaced')
  await take(runtime)
  await runtime.line.handOff(handedOff.caseId, 'staff:ann', 'fire brigade', 'it burns')
  followUp = await stand(runtime, {
    text: 'And the slide.',
    tokens: [tokenFor(runtime, waiting.receipt)]
  })
  joined = await stand(runtime, { text: 'The bench by the pond is broken.' })
  await runtime.line.join({
    laterCaseId: joined.caseId,
    earlierCaseId: waiting.caseId,
    actor: 'staff:ann',
    reason: 'the same bench'
  })
  held = (await bringIn(runtime, { text: 'Who can read this?' })).contactId
  await quarantine(runtime.db, held, 'read', new EvenhandError('TEXT_UNSURE'))
  unsettled = (await bringIn(runtime, { text: 'Still on its way.' })).contactId
  await stand(runtime, { text: 'A matter for others.', to: ['water@willowcreek.example'] })
  await runtime.line.pass(
    (await take(runtime, 'staff:ann', 'water'))!.caseId,
    'staff:ann',
    'I know the family'
  )
  const staff = new StaffStore(runtime.db)
  await staff.setUp(
    await staff.invite(
      { email: 'ann@willowcreek.example', name: 'Ann', role: 'agent', departments: ['parks'] },
      'system:start'
    ),
    'Ann',
    'long enough a password'
  )
  agent = (await staff.list())[0]!.id
  await bringLinks()
  await bringMessages()
  key = (await addKey(runtime.db, { name: 'parks', scopes: ['line:serve:parks'] }, 'cli:test')).id
})
afterAll(() => runtime.remove())

const LETTER =
  'The large oak in front of the school on Maple Avenue has lost two heavy branches since the storm, and a third hangs over the pavement where the children wait for their bus every morning.'

/**
 * One matter twice, joined by settling; and links that only a person may decide, one of them
 * declined.
 */
async function bringLinks(): Promise<void> {
  const bring = async (mail: Mail) =>
    stand(runtime, { text: LETTER, ...mail, raw: { externalId: randomUUID() } })
  const kim = { sender: { name: 'Kim Lee', emails: ['kim.lee@mail.example'] } }
  await bring(kim)
  await bring({ ...kim, channel: 'web' })
  for (const text of [
    'The swings in the playground behind the town hall squeak terribly and one of the chains looks worn through at the top, my grandchildren play there.',
    'Somebody has dumped a sofa, two mattresses and a broken fridge at the car park by the reservoir; it has been there since last weekend and smells.'
  ]) {
    await bring({ text, sender: {} })
    await bring({ text, sender: {}, channel: 'web' })
  }
  const { rows: links } = await sql<{
    id: string
    state: string
  }>`select id, state from case_links order by made_at, id`.execute(runtime.db)
  same = links.find(({ state }) => state === 'joined')!.id
  const [first, second] = links.filter(({ state }) => state === 'suggested')
  suggested = first!.id
  declined = second!.id
  await declineSuggested(runtime.db, declined, 'staff:ann', 'another night')
}

/** A STOP, a receipt that went, one that could not, and one owed before its contact was read. */
async function bringMessages(): Promise<void> {
  await stand(runtime, {
    channel: 'sms',
    kind: 'auto-reply',
    text: 'STOP',
    evidence: { from: '+15555550100', to: '+15555550101', keyword: 'stop' }
  })
  const early = await runtime.acceptor.accept({
    channel: 'email',
    source: 'test',
    bytes: Buffer.from('early'),
    mediaType: 'text/plain',
    recipients: [],
    evidence: {}
  })
  await runtime.db.transaction().execute((trx) =>
    enqueueEarlyReceipt(trx, [early.contactId], {
      sender: { emails: ['lea@example.com'], phones: [], addresses: [] },
      evidence: {},
      language: 'en',
      text: ''
    })
  )
  await openDispatcher(runtime, channels).acknowledge([answered.contactId, handedOff.contactId])
}

/**
 * As the owner of the database: triggers and foreign keys are out of the way. What `look` saw is
 * answered, and everything is as it was again.
 */
async function tampered(
  statements: string[],
  look: (trx: Db) => Promise<AuditReport> = verifyWithin
): Promise<AuditReport> {
  let report: AuditReport | undefined
  await runtime.db
    .transaction()
    .execute(async (trx) => {
      await sql`set local session_replication_role = replica`.execute(trx)
      for (const statement of statements) {
        const { numAffectedRows } = await sql.raw(statement).execute(trx)
        expect({ statement, changed: Number(numAffectedRows) > 0 }).toEqual({
          statement,
          changed: true
        })
      }
      await sql`set local session_replication_role = origin`.execute(trx)
      report = await look(trx)
      throw new Error('back')
    })
    .catch((error: Error) => {
      if (error.message !== 'back') throw error
    })
  return report!
}

const eventsOf = (stood: Stood) =>
  `(case_id = '${stood.caseId}' or contact_id = '${stood.contactId}')`

test('untouched, everything agrees, and it is said what is not proved', async () => {
  const report = await verifyAudit(runtime.db)
  expect(report).toMatchObject({
    ok: true,
    problems: [],
    notCovered: {
      events: 0,
      contacts: 0,
      texts: 0,
      accounts: 0,
      forms: 0,
      links: 0,
      messages: 0,
      keys: 0,
      reasons: 0
    }
  })
  expect(report.notProved[0]).toMatch(/Whoever owns the database/)
})

describe('the audit names', () => {
  test.each<[string, () => string[], RegExp]>([
    [
      'a resident who vanished with everything about them',
      () => [
        `delete from events where ${eventsOf(answered)}`,
        `delete from case_contacts where contact_id = '${answered.contactId}'`,
        `delete from cases where id = '${answered.caseId}'`,
        `delete from contacts where id = '${answered.contactId}'`
      ],
      /events? (is|are) missing from the ledger/
    ],
    [
      'a resident of whom only the row vanished',
      () => [`delete from contacts where id = '${waiting.contactId}'`],
      /contact .* was accepted and is gone/
    ],
    [
      'a closed case that was deleted',
      () => [`delete from cases where id = '${answered.caseId}'`],
      /case .* came into its line and is gone/
    ],
    [
      'a moved arrival without a take',
      () => [
        `update cases set arrived_at = arrived_at - interval '1 day' where id = '${waiting.caseId}'`
      ],
      /case .* has another arrival than the ledger recorded/
    ],
    [
      'a moved arrival of a contact',
      () => [`update contacts set ordinal = -1 where id = '${waiting.contactId}'`],
      /contact .* has another arrival than the ledger recorded/
    ],
    [
      'rewritten text',
      () => [
        `update contacts set envelope = jsonb_set(envelope, '{text}', '"All is well."') where id = '${answered.contactId}'`
      ],
      /contact .* says something else than the ledger recorded/
    ],
    [
      'an added subject',
      () => [
        `update contacts set envelope = envelope || '{"subject": "Thanks"}' where id = '${followUp.contactId}'`
      ],
      /contact .* says something else/
    ],
    [
      'an exchanged original',
      () => [`update contacts set raw_sha256 = repeat('0', 64) where id = '${answered.contactId}'`],
      /contact .* has another original/
    ],
    [
      'rewritten bytes of an original',
      () => [
        `update blobs set content = 'All is well.' where sha256 = (select raw_sha256 from contacts where id = '${answered.contactId}')`
      ],
      /what is stored as .* has been changed/
    ],
    [
      'a changed receipt',
      () => [
        `update contacts set receipt = 'AAAAAA-BBBBBB-CCCCCC' where id = '${waiting.contactId}'`
      ],
      /contact .* has another receipt, source or recipient/
    ],
    [
      'an outcome that residents read',
      () => [`update cases set outcome_id = 'done' where id = '${answered.caseId}'`],
      /case .* has another public outcome than the ledger recorded/
    ],
    [
      'a changed outcome',
      () => [`update cases set outcome = 'refused' where id = '${answered.caseId}'`],
      /case .* has another outcome than the ledger recorded/
    ],
    [
      'another body a case was handed to',
      () => [`update cases set outcome = 'nobody' where id = '${handedOff.caseId}'`],
      /case .* has another outcome/
    ],
    [
      'a case closed past the ledger',
      () => [
        `update cases set state = 'closed', outcome = 'answered' where id = '${waiting.caseId}'`
      ],
      /case .* is closed in parks, but its last event is case.entered/
    ],
    [
      'a case moved to another line',
      () => [`update cases set department = 'water' where id = '${waiting.caseId}'`],
      /case .* is waiting in water, but its last event/
    ],
    [
      'a contact settled as something else',
      () => [`update contacts set outcome = 'auto-reply' where id = '${waiting.contactId}'`],
      /contact .* is settled as auto-reply, but the ledger says case/
    ],
    [
      'a contact let out of quarantine, into nothing',
      () => [`update contacts set state = 'settled' where id = '${held}'`],
      /contact .* is settled as quarantined, but the ledger says quarantined/
    ],
    [
      'a quarantined contact called an automatic reply',
      () => [`update contacts set state = 'settled', outcome = 'auto-reply' where id = '${held}'`],
      /contact .* is settled as auto-reply, but the ledger says quarantined/
    ],
    [
      'a contact with a case called a tray of scans',
      () => [`update contacts set outcome = 'batch' where id = '${waiting.contactId}'`],
      /contact .* is settled as batch, but the ledger says case/
    ],
    [
      'a settled contact set back',
      () => [
        `update contacts set state = 'read', outcome = null where id = '${waiting.contactId}'`
      ],
      /contact .* is read, but the ledger says case/
    ],
    [
      'a contact settled without an event',
      () => [`update contacts set state = 'settled', outcome = 'case' where id = '${unsettled}'`],
      /contact .* is settled as case, but the ledger says that it is on its way/
    ],
    [
      'other words of a contact that was set back',
      () => [
        `update contacts set state = 'read', envelope = jsonb_set(envelope, '{text}', '"All is well."') where id = '${answered.contactId}'`
      ],
      /contact .* says something else/
    ],
    [
      'a lost original',
      () => [
        `delete from blobs where sha256 = (select raw_sha256 from contacts where id = '${answered.contactId}')`
      ],
      /contact .* has lost its original/
    ],
    [
      'an original said to be a large one',
      () => [`update contacts set raw_bytes = 70000 where id = '${answered.contactId}'`],
      /contact .* has an original of another length/
    ],
    [
      'another name of the sender',
      () => [
        `update contacts set envelope = jsonb_set(envelope, '{sender,name}', '"Eve"') where id = '${answered.contactId}'`
      ],
      /contact .* says something else/
    ],
    [
      'another address of the sender',
      () => [
        `update contacts set envelope = jsonb_set(envelope, '{sender,emails}', '["eve@example.com"]') where id = '${answered.contactId}'`
      ],
      /contact .* says something else/
    ],
    [
      'other recipients in what was read',
      () => [
        `update contacts set envelope = jsonb_set(envelope, '{recipients}', '[]') where id = '${answered.contactId}'`
      ],
      /contact .* says something else/
    ],
    [
      'a follow-up moved to another case',
      () => [
        `update case_contacts set case_id = '${handedOff.caseId}' where contact_id = '${followUp.contactId}'`
      ],
      /case .* has contact .* as follow-up, and the ledger does not say so/
    ],
    [
      'a first contact moved to another case',
      () => [
        `update case_contacts set case_id = '${handedOff.caseId}' where contact_id = '${answered.contactId}'`
      ],
      /case .* has lost contact .*, which opened it/
    ],
    [
      'a follow-up called a duplicate',
      () => [
        `update case_contacts set role = 'duplicate' where contact_id = '${followUp.contactId}'`
      ],
      /case .* has contact .* as duplicate, and the ledger/
    ],
    [
      'a copy of a link without a join',
      () => [
        `insert into case_contacts (case_id, contact_id, role, reason, via) values ('${waiting.caseId}', '${answered.contactId}', 'duplicate', 'x', '${answered.caseId}')`
      ],
      /case .* shows contact .* of a case that was not joined into it/
    ],
    [
      'a copy of a link taken away after a join',
      () => [`delete from case_contacts where via = '${joined.caseId}'`],
      /case .* does not show contact .*, which was joined into it/
    ],
    [
      'a contact shown by another case',
      () => [
        `update contacts set case_id = '${answered.caseId}' where id = '${waiting.contactId}'`
      ],
      /contact .* is shown by another case/
    ],
    [
      'a forged pass',
      () => [
        `insert into case_passes (case_id, actor, reason) values ('${waiting.caseId}', 'staff:eve', 'not mine')`
      ],
      /case .* was passed by staff:eve, and the ledger does not say so/
    ],
    [
      'a pass taken away',
      () => ['delete from case_passes'],
      /case .* was passed by staff:ann, and that is gone/
    ],
    [
      'another reason of a pass',
      () => ["update case_passes set reason = 'x'"],
      /case .* was passed by staff:ann for another reason/
    ],
    [
      'another address of an account',
      () => ["update staff set email = 'eve@example.com'"],
      /account .* has another name or address/
    ],
    [
      'another name of an account',
      () => ["update staff set name = 'Eve'"],
      /account .* has another name or address/
    ],
    [
      'another language of a case',
      () => [`update cases set language = 'tlh' where id = '${waiting.caseId}'`],
      /case .* is in another language than its contact/
    ],
    [
      'an outcome rewritten in event and table',
      () => [
        `update events set data = data || '{"outcome": "refused"}' where kind = 'case.closed'`,
        `update cases set outcome = 'refused' where id = '${answered.caseId}'`
      ],
      /event \d+ was changed after it was written/
    ],
    [
      'the reason of a pass rewritten in event and table',
      () => [
        `update events set data = '{"reason": "x"}' where kind = 'case.passed'`,
        "update case_passes set reason = 'x'"
      ],
      /event \d+ was changed after it was written/
    ],
    [
      'the time of a take',
      () => [
        `update events set at = at - interval '1 day' where kind = 'case.taken' and case_id = '${answered.caseId}'`
      ],
      /event \d+ was changed after it was written/
    ],
    [
      'the actor of an event',
      () => ["update events set actor = 'staff:eve' where kind = 'key.added'"],
      /event \d+ was changed after it was written/
    ],
    [
      'the last event rewritten with its hash',
      () => [
        "update events set actor = 'staff:eve' where id = (select max(id) from events)",
        "update events set hash = event_hash(coalesce((select hash from events as before where before.run = events.run and before.run_number = events.run_number - 1), ''), events) where id = (select max(id) from events)"
      ],
      /event \d+ is not the one that was written last in run/
    ],
    [
      'a follow-up taken out of its case',
      () => [`delete from case_contacts where contact_id = '${followUp.contactId}'`],
      /case .* has lost contact/
    ],
    [
      'a case given to another contact',
      () => [
        `update cases set contact_id = '${followUp.contactId}' where id = '${waiting.caseId}'`
      ],
      /case .* belongs to another contact/
    ],
    [
      'deleted staff events',
      () => ["delete from events where kind like 'staff.%'"],
      /2 events are missing from the ledger/
    ],
    [
      'a staff event deleted at the end of the ledger',
      () => ['delete from events where id = (select max(id) from events)'],
      /1 event is missing from the ledger after event \d+/
    ],
    [
      'everyone made admin',
      () => ["update staff set role = 'admin'"],
      /account .* is admin, but the ledger says agent/
    ],
    [
      'an account put in by hand',
      () => [
        `insert into staff (id, email, name, role, password_hash) values (gen_random_uuid(), 'eve@example.com', 'Eve', 'admin', 'x')`
      ],
      /account .* is admin, but the ledger says nothing/
    ],
    [
      'an account deleted',
      () => [`delete from staff where id = '${agent}'`],
      /account .* is in the ledger and is gone/
    ],
    [
      'departments added to an account',
      () => ["update staff set departments = '{parks,water}'"],
      /account .* serves other departments/
    ],
    [
      'a key that may do more',
      () => ["update api_keys set scopes = '{line:serve:*}'"],
      /key .* may do other things/
    ],
    [
      'a second secret for a key',
      () => [`insert into api_key_secrets (hash, key_id) values ('x', '${key}')`],
      /key .* has more secrets than were made for it/
    ],
    [
      'an event put in past the numbering',
      () => ["insert into events (kind, actor, data) values ('case.answered', 'staff:ann', '{}')"],
      /1 events were written past the ledger's numbering/
    ],
    [
      'a suggested link deleted',
      () => [`delete from case_links where id = '${suggested}'`],
      /link .* is in the ledger and is gone/
    ],
    [
      'a joined link deleted',
      () => [`delete from case_links where id = '${same}'`],
      /link .* is in the ledger and is gone/
    ],
    [
      'a suggestion joined by nobody',
      () => [
        `update case_links set state = 'joined', decided_by = 'staff:eve', decided_why = 'x', decided_at = now() where id = '${suggested}'`
      ],
      /link .* is joined, but the ledger says suggested/
    ],
    [
      'a suggestion declined by nobody',
      () => [
        `update case_links set state = 'declined', decided_by = 'staff:eve', decided_why = 'x', decided_at = now() where id = '${suggested}'`
      ],
      /link .* is declined, but the ledger says suggested/
    ],
    [
      'a decline taken back',
      () => [
        `update case_links set state = 'suggested', decided_by = null, decided_why = null where id = '${declined}'`
      ],
      /link .* is suggested, but the ledger says declined/
    ],
    [
      'another reason of a decline',
      () => [`update case_links set decided_why = 'x' where id = '${declined}'`],
      /link .* was decided by somebody else, or for another reason/
    ],
    [
      'another decider of a decline',
      () => [`update case_links set decided_by = 'staff:eve' where id = '${declined}'`],
      /link .* was decided by somebody else/
    ],
    [
      'a decline deleted',
      () => [`delete from case_links where id = '${declined}'`],
      /link .* is in the ledger and is gone/
    ],
    [
      'an invented join',
      () => [
        `insert into case_links (contact_id, earlier_contact_id, state, reason, evidence, made_by) values ('${waiting.contactId}', '${answered.contactId}', 'joined', 'x', '{}', 'system:settle')`
      ],
      /1 of the links between contacts in the tables are not in the ledger/
    ],
    [
      'another reason of a link',
      () => [`update case_links set reason = 'x' where id = '${same}'`],
      /link .* is between other contacts, or for another reason/
    ],
    [
      'a wish for no texts deleted',
      () => ['delete from text_consents'],
      /that the number of contact .* asked for no texts is gone/
    ],
    [
      'a wish for no texts turned round',
      () => ['update text_consents set allowed = true'],
      /the number of contact .* may be texted, and the ledger says otherwise/
    ],
    [
      'a wish for no texts of another number',
      () => ["update text_consents set address = '+15555550199'"],
      /the number of contact .* asked for no texts is gone/
    ],
    [
      'an invented wish',
      () => [
        `insert into text_consents (address, allowed, ordinal, contact_id) values ('+15555550111', false, 1, '${waiting.contactId}')`
      ],
      /stands as one that asked for no texts, and the ledger does not say so/
    ],
    [
      'everything owed deleted',
      () => ['delete from outbound'],
      /what is owed to the sender of contact .* \(acknowledgement\) is gone/
    ],
    [
      'everything owed called sent',
      () => ["update outbound set state = 'sent'"],
      /ends of messages in the tables are not in the ledger/
    ],
    [
      'what could not be sent called sent',
      () => ["update outbound set state = 'sent' where state = 'undeliverable'"],
      /message .* is sent, but the ledger says not sent/
    ],
    [
      'another reason why nothing was sent',
      () => ["update outbound set reason = 'x' where state = 'undeliverable'"],
      /message .* is undeliverable, but the ledger says not sent/
    ],
    [
      'a receipt that went set back to waiting',
      () => [
        `update outbound set state = 'waiting' where contact_id = '${answered.contactId}' and state = 'sent'`
      ],
      /message .* is waiting, but the ledger says sent/
    ],
    [
      'a reason why nothing was sent taken away',
      () => ["update outbound set reason = null where state = 'undeliverable'"],
      /message .* is undeliverable, but the ledger says not sent/
    ],
    [
      'what could not be sent called failed',
      () => ["update outbound set state = 'failed' where state = 'undeliverable'"],
      /message .* is failed, but the ledger says not sent/
    ],
    [
      'a receipt that nobody owes',
      () => [
        `insert into outbound (id, contact_id, kind) values (gen_random_uuid(), '${followUp.contactId}', 'acknowledgement')`
      ],
      /message .* \(acknowledgement\) to the sender of contact .* is owed to nobody by the ledger/
    ],
    [
      'a receipt by text that nobody asked for',
      () => [
        `insert into outbound (id, contact_id, kind) values (gen_random_uuid(), '${waiting.contactId}', 'receipt-by-text')`
      ],
      /message .* \(receipt-by-text\) .* is owed to nobody/
    ],
    [
      'an early receipt deleted',
      () => ['delete from outbound where addressee is not null'],
      /what is owed to the sender of contact .* is gone/
    ],
    [
      'no reason to wait in quarantine',
      () => [`update contacts set quarantine_code = null where id = '${held}'`],
      /contact .* waits in quarantine for another reason/
    ],
    [
      'a reason to wait in quarantine for one that does not',
      () => [`update contacts set quarantine_code = 'SPAM' where id = '${waiting.contactId}'`],
      /contact .* has a reason to wait in quarantine, and does not stand there/
    ],
    [
      "a quarantined contact at somebody's case",
      () => [`update contacts set case_id = '${waiting.caseId}' where id = '${held}'`],
      /contact .* is shown by another case than those it is at/
    ],
    [
      "an automatic reply at somebody's case",
      () => [
        `update contacts set case_id = '${waiting.caseId}' where outcome = 'auto-reply' and case_id is null`
      ],
      /contact .* is shown by another case than those it is at/
    ],
    [
      'a link of a contact that is not there',
      () => [`update case_links set contact_id = gen_random_uuid() where id = '${suggested}'`],
      /link .* is between other contacts/
    ],
    [
      'a receipt said to be delivered',
      () => [
        `update outbound set delivery = 'delivered' where contact_id = '${answered.contactId}'`
      ],
      /is said to be delivered, and the ledger does not say so/
    ],
    [
      'a receipt for somebody else',
      () => [
        `update outbound set addressee = '{"sender": {"emails": ["eve@example.com"]}}' where addressee is not null`
      ],
      /goes to somebody else than the ledger recorded/
    ],
    [
      'an addressee put in',
      () => [`update outbound set addressee = '{}' where contact_id = '${answered.contactId}'`],
      /1 of the addressees of early receipts in the tables are not in the ledger/
    ],
    [
      'a case to go back to that is foreign',
      () => [
        `update contacts set own_case_id = '${answered.caseId}' where id = '${waiting.contactId}'`
      ],
      /contact .* would go back to another case than its own/
    ],
    [
      'a case to go back to exchanged',
      () => [
        `update contacts set own_case_id = '${answered.caseId}' where id = '${joined.contactId}'`
      ],
      /contact .* would go back to another case/
    ],
    [
      'a foreign case to go back to of a duplicate',
      () => [`update contacts set own_case_id = '${answered.caseId}' where outcome = 'duplicate'`],
      /contact .* would go back to another case/
    ],
    [
      'another type of an original',
      () => [`update contacts set media_type = 'text/html' where id = '${answered.contactId}'`],
      /contact .* has an original of another type or length/
    ],
    [
      'an unsure text called sure',
      () => [`update contacts set unsure = 'x' where id = '${held}'`],
      /contact .* waits in quarantine for another reason/
    ],
    [
      'another reason to wait in quarantine',
      () => [`update contacts set quarantine_code = 'INTERNAL' where id = '${held}'`],
      /contact .* waits in quarantine for another reason/
    ],
    [
      'another reason of a follow-up',
      () => [`update case_contacts set reason = 'x' where contact_id = '${followUp.contactId}'`],
      /case .* has contact .* for another reason/
    ],
    [
      'another reason of a copy',
      () => [`update case_contacts set reason = 'x' where via = '${joined.caseId}'`],
      /case .* shows contact .* for another reason/
    ],
    [
      'another name of a key',
      () => ["update api_keys set name = 'eve'"],
      /key .* has another name/
    ],
    [
      'another rate of a key',
      () => ['update api_keys set per_minute = 100000'],
      /key .* may do other things/
    ],
    [
      'events exchanged',
      () => ["update events set run_number = -run_number where kind = 'staff.joined'"],
      /missing from the ledger|stands at another place|numbers of run/
    ]
  ])('%s', async (_, statements, problem) => {
    const { ok, problems } = await tampered(statements())
    expect(problems).toContainEqual(expect.stringMatching(problem))
    expect(ok).toBe(false)
  })
})

test('a transaction that was rolled back is no gap: numbers go back with it', async () => {
  const rollBack = runtime.db.transaction().execute(async (trx) => {
    await sql`insert into events (kind, actor, data) select 'case.answered', 'staff:ann', '{}'
        from generate_series(1, 3)`.execute(trx)
    throw new Error('rolled back')
  })
  await expect(rollBack).rejects.toThrow('rolled back')
  await Promise.all(Array.from({ length: 20 }, () => bringIn(runtime)))
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, problems: [] })
})

test('events of before the numbering are counted as not covered, and one that goes missing among them shows', async () => {
  const upgrade = [
    "update events set run = null, run_number = null, data = case when kind in ('link.made', 'receipt.owed') then data else data - 'mark' - 'said' end",
    'delete from ledger_runs',
    'insert into ledger_runs select 0, count(*) from events'
  ]
  const afterwards = async (trx: Db) => {
    await sql`insert into events (kind, actor, data)
        values ('case.answered', 'staff:ann', '{}')`.execute(trx)
    return verifyWithin(trx)
  }
  const settled = await runtime.db
    .selectFrom('contacts')
    .select('id')
    .where('state', '=', 'settled')
    .execute()
  const old = await tampered(upgrade, afterwards)
  expect(old).toMatchObject({
    ok: true,
    problems: [],
    notCovered: { events: old.events - 1, texts: settled.length, accounts: 1 }
  })
  expect(
    (await tampered([...upgrade, "delete from events where kind = 'staff.joined'"], afterwards))
      .problems
  ).toContain('1 events of before the numbering are missing')
})

/** Of its kind, something else; columns with rules of their own have what fits them. */
const otherwise: Readonly<Record<string, string>> = {
  'contacts.state': "'read'",
  'contacts.outcome': "'bounce'",
  'contacts.discarded_at': 'case when discarded_at is null then now() end',
  'contacts.own_case_id': 'gen_random_uuid()',
  'contacts.batch_id': "'x'",
  'contacts.unsure': "'x'",
  'contacts.quarantine_code': "'x'",
  'contacts.raw_sha256': "repeat('0', 64)",
  'blobs.sha256': 'md5(sha256) || md5(sha256)',
  'case_contacts.role': "'duplicate'",
  'case_contacts.via': 'case_id',
  'outbound.state': "case state when 'waiting' then 'sent' else 'waiting' end",
  'outbound.addressee': "'{}'",
  'outbound.reason': "'x'",
  'case_links.state': "case state when 'suggested' then 'joined' else 'suggested' end",
  'cases.state': "'closed'",
  'staff.role': "'mailroom'",
  'staff.disabled_at': 'now()',
  'api_keys.disabled_at': 'now()',
  'staff.email': "'x' || email",
  'api_keys.per_minute': 'per_minute + 1'
}
/** Which rows, where others are free to be so; and tables that no row of this test is in. */
const only: Readonly<Record<string, string>> = {
  // What is said before it is settled, and how far it is, has no mark: said as not proved.
  'contacts.state': "state in ('settled', 'quarantined')",
  'contacts.envelope': "state = 'settled'",
  'contacts.unsure': "state = 'quarantined'",
  'contacts.quarantine_code': "state = 'quarantined'",
  'cases.state': "state = 'waiting'",
  'cases.taken_by': "state = 'taken'",
  'cases.joined_into': "state = 'joined'",
  'outbound.reason': "state = 'undeliverable'"
}
const elsewhere = [
  'batches',
  'scans',
  'letters',
  'sheets',
  'events',
  'ledger_runs',
  'cases.taken_by'
]
const byType: Readonly<Record<string, (column: string) => string>> = {
  uuid: () => 'gen_random_uuid()',
  boolean: (column) => `not ${column}`,
  bigint: (column) => `${column} + 100000`,
  smallint: (column) => `${column} + 1`,
  jsonb: () => `'{"x": 1}'`,
  ARRAY: () => `'{x}'`,
  bytea: () => `'x'`,
  'timestamp with time zone': (column) => `${column} - interval '1 day'`,
  text: (column) => `${column} || 'x'`
}

/** Rows of each column that are changed, one at a time: those that differ most in their state. */
const ROWS = 12

/** Where a row may be as it is for other reasons, and nothing can be said. */
const changes: Readonly<
  Record<string, (column: string, name: string, type: string) => string | undefined>
> = {
  'another value': (column, name, type) => otherwise[name] ?? byType[type]!(column),
  null: () => 'null'
}

test.each(Object.keys(changes))(
  'a change of any column that is called compared, in any one row, to %s is a problem',
  async (to) => {
    const { rows: columns } = await sql<{
      table: string
      column: string
      type: string
      nullable: boolean
    }>`
    select table_name as table, column_name as column, data_type as type,
      is_nullable = 'YES' as nullable
      from information_schema.columns where table_schema = 'public'`.execute(runtime.db)
    const compared = columns.filter(
      ({ table, column, nullable }) =>
        (to !== 'null' || nullable) &&
        !elsewhere.includes(table) &&
        !elsewhere.includes(`${table}.${column}`) &&
        coverage[table]?.compared?.split(' ').includes(column)
    )
    const unseen: string[] = []
    let changed = 0
    for (const { table, column, type } of compared) {
      const name = `${table}.${column}`
      const value = changes[to]!(column, name, type)
      const { rows } = await sql
        .raw<{
          at: string
        }>(
          `select ctid::text as at from ${table} where ${only[name] ?? 'true'} and (${column} is distinct from (${value})) order by ctid limit ${ROWS}`
        )
        .execute(runtime.db)
      for (const { at } of rows) {
        const report = await tampered([
          `update ${table} set ${column} = ${value} where ctid = '${at}'`
        ]).catch((error: Error) => ({ ok: true, error: error.message }))
        // What the table's own rules refuse cannot be done by hand either.
        if ('error' in report && / constraint /.test(report.error)) continue
        changed += 1
        if (report.ok) unseen.push(`${name}${'error' in report ? `: ${report.error}` : ''}`)
      }
    }
    expect(changed).toBeGreaterThan(to === 'null' ? 40 : 300)
    expect([...new Set(unseen)]).toEqual([])
  }
)

test('rows of before they had events are counted as not covered, raise no alarm, and one more or less of them shows', async () => {
  const old = await countLinks()
  const unsent = `(select count(*) from outbound where state <> 'waiting')`
  const upgrade = [
    "delete from events where kind in ('link.made', 'receipt.owed') or kind like 'receipt.%sent'",
    "update events set run = null, run_number = null, data = data - 'mark' - 'said' - 'form' - 'doubt' - 'reason' where kind not like 'link.%' and turn is null",
    'update events set run = null, run_number = null',
    `insert into events (kind, actor, data) select 'ledger.marks-begun', 'system:migration', jsonb_build_object('links', ${old}, 'messages', ${unsent}, 'addressees', 1)`,
    // As migration 0026 does it.
    `insert into events (kind, contact_id, actor, data) select 'receipt.owed', contact_id, 'system:migration', jsonb_build_object('mark', said_mark(receipt, addressee)) from outbound join contacts on contacts.id = contact_id where addressee is not null`,
    'delete from ledger_runs',
    'insert into ledger_runs select 0, count(*) from events'
  ]
  expect(await tampered(upgrade)).toMatchObject({
    ok: true,
    problems: [],
    notCovered: { links: old, keys: 1 }
  })
  expect(
    (await tampered([...upgrade, `delete from case_links where id = '${suggested}'`])).problems
  ).toEqual(['1 of the links between contacts of before their events are missing'])
  expect(
    (
      await tampered([
        ...upgrade,
        `update case_links set state = 'declined', decided_by = 'x', decided_why = 'x', decided_at = now() where id = '${suggested}'`
      ])
    ).problems
  ).toContainEqual(expect.stringMatching(/link .* is declined, and the ledger does not say so/))
})

async function countLinks(): Promise<number> {
  const { rows } = await sql`select from case_links`.execute(runtime.db)
  return rows.length
}

test('a ledger without events is no proof', async () => {
  const empty = await createTestRuntime()
  expect(await verifyAudit(empty.db)).toMatchObject({ ok: false, events: 0, problems: [] })
  await empty.remove()
})

test.each([
  ['alter table events disable trigger all', /the trigger events_append_only of events is off/],
  [
    'alter table events enable replica trigger events_number',
    /the trigger events_number of events is off/
  ],
  ['drop trigger events_no_truncate on events', /the trigger events_no_truncate of events is gone/],
  [
    'alter table access_log disable trigger access_log_append_only',
    /the trigger access_log_append_only of access_log is off/
  ]
])(
  'the audit names a trigger that does not keep the ledger any more: %s',
  async (statement, problem) => {
    const { ok, problems } = await tampered([], async (trx) => {
      await sql.raw(statement).execute(trx)
      return verifyWithin(trx)
    })
    expect(problems).toContainEqual(expect.stringMatching(problem))
    expect(ok).toBe(false)
  }
)
