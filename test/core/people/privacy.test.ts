import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { currentModel, trainIfGrown } from '../../../core/matching/models.ts'
import { importRows } from '../../../core/matching/register.ts'
import { keepMentions } from '../../../core/people/mentions.ts'
import { protectMentions, protectRegister } from '../../../core/people/protect-register.ts'
import { loadMentions } from '../../../core/people/recognise-people.ts'
import { openRecognition, protectionOf } from '../../../core/people/recognition.ts'
import { personOf, shownOf } from '../../../core/people/sender.ts'
import { constituentView, findConstituents, peopleOf } from '../../../core/people/view.ts'
import { residentOf } from '../../../bench/match-people.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, settlerOf, type Mail } from '../../helpers/contacts.ts'

let runtime: TestRuntime
let folder: string
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-config-'))
  fs.cpSync('config', folder, { recursive: true, filter: (name) => !name.endsWith('.ts') })
  const file = path.join(folder, 'departments.yaml')
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('keep: values', 'keep: hashes'))
  runtime = await createTestRuntime('postgres', { CONFIG_DIR: folder })
})
afterEach(async () => {
  await runtime.remove()
  fs.rmSync(folder, { recursive: true })
})

const jane = {
  name: 'Jane Roe',
  emails: ['jane.roe@mail.example'],
  phones: ['(217) 555-0142'],
  addresses: ['12 Oak Street, Springfield, IL 62704']
}

async function settle(sender: NonNullable<Mail['sender']>): Promise<string> {
  const { contactId } = await bringIn(runtime, { sender, text: randomUUID() })
  await settlerOf(runtime).settle([contactId])
  return contactId
}

/** Everything the register's tables hold, as one text. */
async function everything(): Promise<string> {
  const tables = [
    'constituents',
    'constituent_names',
    'constituent_emails',
    'constituent_phones',
    'constituent_addresses',
    'constituent_keys',
    'constituent_links',
    'constituent_merges',
    'matching_models'
  ]
  const texts = []
  for (const table of tables)
    texts.push(
      (
        await sql<{
          text: string | null
        }>`select string_agg(t::text, ' ') as text from ${sql.table(table)} t`.execute(runtime.db)
      ).rows[0]?.text ?? ''
    )
  return texts.join('\n').toLowerCase()
}

const said = ['jane', 'mail.example', '555-0142', '12 oak', 'oak street', 'springfield']

/**
 * What of it stands in the register's tables, as words: among five thousand hashes one in ten runs
 * has four letters by chance.
 */
async function readable(): Promise<string[]> {
  const kept = await everything()
  return said.filter((words) => new RegExp(`(?<![\\w-])${words}(?![\\w-])`).test(kept))
}

describe('in privacy mode', () => {
  test('nothing that can be read is kept of a person, and who writes again is recognised', async () => {
    await settle(jane)
    const again = await settle({ name: 'ROE, Jane', emails: ['Jane.Roe@mail.example'] })
    const [link] = await peopleOf(runtime.db, [again])
    expect(link).toMatchObject({
      verdict: 'linked',
      constituent: { hashed: true, names: [], emails: [], phones: [], addresses: [] }
    })
    expect(await readable()).toEqual([])
    expect(
      (await constituentView(runtime.db, link!.constituent.constituentId)).contacts
    ).toHaveLength(2)
  })

  test('they are found by what is typed', async () => {
    await settle(jane)
    expect(
      await findConstituents(runtime.db, await openRecognition(runtime)(), 'jane.roe@mail.example')
    ).toHaveLength(1)
  })

  test('an imported register is kept so too', async () => {
    await importRows(
      runtime.db,
      'register.csv',
      [{ externalId: '1', person: personOf(jane, 'US'), shown: shownOf(jane) }],
      protectionOf(runtime)
    )
    expect(await readable()).toEqual([])
    expect(
      (
        await peopleOf(runtime.db, [await settle({ name: 'Jane Roe', phones: ['217 555 0142'] })])
      )[0]
    ).toMatchObject({ verdict: 'linked' })
  })

  test('a register that could be read is converted batch by batch, models and all; links and merges stay', async () => {
    const people = Array.from({ length: 1_100 }, (_, n) => residentOf(n)).map(
      ({ given, family, email, phone }) => ({
        name: `${given} ${family}`,
        emails: [email],
        phones: [phone],
        addresses: []
      })
    )
    await importRows(
      runtime.db,
      'register.csv',
      [jane, ...people].map((one, n) => ({
        externalId: String(n),
        person: personOf(one, 'US'),
        shown: shownOf(one)
      })),
      { kind: 'plain' }
    )
    await sql`insert into matching_models (model, trained_on, register_size)
        values ('{"frequencies": {"given": [["jane", 0.2]]}, "words": []}', 1101, 1101)`.execute(
      runtime.db
    )
    expect(await readable()).toEqual(expect.arrayContaining(['jane', '555-0142', 'oak street']))
    const batches = []
    do batches.push(await protectRegister(runtime.db, protectionOf(runtime)))
    while (batches.at(-1) !== 0)
    expect(batches).toEqual([500, 500, 101, 0])
    expect(await readable()).toEqual([])
    expect(
      (
        await peopleOf(runtime.db, [await settle({ name: 'Jane Roe', phones: ['217 555 0142'] })])
      )[0]
    ).toMatchObject({ verdict: 'linked' })
  })
})

describe('contacts that nobody is known for', () => {
  test('are looked at again by hashes, also those that were kept in readable form before', async () => {
    const { contactId } = await bringIn(runtime, {
      channel: 'sms',
      sender: { phones: ['+12175550142'] },
      text: randomUUID()
    })
    await settlerOf(runtime).settle([contactId])
    const plain = { protection: { kind: 'plain' as const }, country: 'US' }
    await keepMentions(runtime.db, await loadMentions(runtime.db, [contactId], plain), [], 'plain')
    const context = await openRecognition(runtime)()
    expect([
      await protectMentions(runtime.db, context),
      await protectMentions(runtime.db, context)
    ]).toEqual([1, 0])
    await settle(jane)
    expect((await peopleOf(runtime.db, [contactId]))[0]).toMatchObject({ verdict: 'linked' })
  })
})

describe('weights are learnt', () => {
  const fill = (from: number, to: number) =>
    importRows(
      runtime.db,
      'r',
      Array.from({ length: to - from }, (_, n) => {
        const { given, family, email } = residentOf(from + n)
        const one = { name: `${given} ${family}`, emails: [email], phones: [], addresses: [] }
        return { externalId: String(from + n), person: personOf(one, 'US'), shown: shownOf(one) }
      })
    )

  test('once there is enough to learn from, and again once the register has grown by half', async () => {
    await fill(0, 150)
    expect(await trainIfGrown(runtime.db)).toBe(false)
    await fill(150, 300)
    expect(await trainIfGrown(runtime.db)).toBe(true)
    expect((await currentModel(runtime.db)).trainedOn).toBe(300)
    await fill(300, 400)
    expect(await trainIfGrown(runtime.db)).toBe(false)
    await fill(400, 450)
    expect(await trainIfGrown(runtime.db)).toBe(true)
  })
})
