import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import fs from 'node:fs'
import path from 'node:path'
import type { Staff } from '../../core/access/staff.ts'
import { notesOf } from '../../core/replies/notes.ts'
import { repliesOf } from '../../core/replies/view.ts'
import {
  emptyLine,
  lineOf,
  stand,
  take,
  tokenFor,
  town,
  type Mail,
  type Stood
} from '../helpers/contacts.ts'
import { copyConfig } from '../helpers/config.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { makeStaff } from '../helpers/staff.ts'
import { runEvenhand, temporaryFolder } from '../helpers/running.ts'

let runtime: TestRuntime
let ann: Staff
let folder: string
beforeAll(async () => {
  runtime = await createTestRuntime()
  ann = await makeStaff(runtime, 'agent', ['parks', 'water'])
  folder = temporaryFolder()
  copyConfig(path.join(folder, 'config'), { water: 'approval: true' })
})
afterEach(() => emptyLine(runtime))
afterAll(async () => {
  await runtime.remove()
  fs.rmSync(folder, { recursive: true, force: true })
})

const run = (args: string[], input = '') =>
  runEvenhand(
    args,
    {
      DATABASE_URL: runtime.settings.DATABASE_URL!,
      DATA_DIR: path.join(folder, 'data'),
      CONFIG_DIR: path.join(folder, 'config'),
      LOG_LEVEL: 'silent'
    },
    Buffer.from(input)
  )
const asAnn = (args: string[], input = '') => run([...args, '--as', ann.email], input)

const rosa = {
  name: 'Rosa Delgado',
  emails: ['rosa@people.example'],
  phones: ['217-555-0142'],
  addresses: ['12 Alder Lane, Willow Creek, IL 62001']
}

/** The short number that stands first on a line with these words. */
const idOf = (stdout: string, words: string) =>
  new RegExp(`^([0-9a-f]{8}) .*${words}`, 'm').exec(stdout)![1]!

async function inHand(mail: Mail = {}, department = 'parks'): Promise<Stood> {
  const stood = await stand(runtime, {
    to: town(department),
    subject: 'The swing',
    text: `It is broken. ${crypto.randomUUID()}`,
    sender: rosa,
    ...mail
  })
  await take(runtime, `cli:${ann.email}`, department)
  return stood
}

const said = async ({ caseId, contactId }: Stood) => repliesOf(runtime.db, [caseId], [contactId])

describe('evenhand reply', () => {
  test('answers by the likeliest way, and says that it is only written to a file where nothing sends it', async () => {
    const stood = await inHand()
    const { code, stdout, stderr } = await asAnn([
      'reply',
      stood.receipt,
      'We mend it on Thursday.'
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^[0-9a-f]{8} {2}written to a file in DATA_DIR\/outbox, not sent to rosa@people\.example: nothing is set up to send it\n$/
    )
    expect(await said(stood)).toMatchObject([
      {
        author: `cli:${ann.email}`,
        way: 'mail',
        language: 'en',
        subject: 'Re: The swing',
        text: 'We mend it on Thursday.',
        state: 'waiting'
      }
    ])
  })

  test('takes words from standard input, a saved reply, a subject, a language and files', async () => {
    const stood = await inHand()
    const map = path.join(folder, 'map.txt')
    fs.writeFileSync(map, 'a map')
    const { code, stdout } = await asAnn(
      [
        'reply',
        stood.caseId,
        '-',
        '--saved',
        'thanks',
        '--subject',
        'El columpio',
        '--language',
        'es',
        '--attach',
        map,
        '--json'
      ],
      'Mire el mapa.\n'
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      replyId: expect.any(String),
      state: 'waiting',
      subject: 'El columpio',
      language: 'es',
      text: expect.stringMatching(/^Mire el mapa\.\n\nHola, Rosa Delgado:/),
      files: [{ name: 'map.txt', bytes: 5 }]
    })
  })

  test('writes the letter that is to be printed, and says which call is to be made', async () => {
    const stood = await inHand()
    const pdf = path.join(folder, 'letter.pdf')
    const letter = await asAnn(['reply', stood.caseId, 'Dear', '--by', 'letter', '--pdf', pdf])
    expect(letter).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`a letter to print and mail: ${pdf}`)
    })
    expect(fs.readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-')
    const call = await asAnn(['reply', stood.caseId, '--text', 'Tell her.', '--by', 'call'])
    expect(call.stdout).toContain('a call to make: 217-555-0142')
    const mail = await asAnn(['reply', stood.caseId, 'x', '--pdf', pdf])
    expect([mail.code, mail.stderr]).toEqual([2, expect.stringContaining('Only a letter')])
    expect(await said(stood)).toHaveLength(2)
  })

  test('waits for a second person where the department wants one', async () => {
    const stood = await inHand({}, 'water')
    const { code, stdout } = await asAnn(['reply', stood.caseId, 'The pipe is mended.'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('waits for a second person')])
    await emptyLine(runtime, 'water')
  })

  test('is refused with a sentence, and sends nothing', async () => {
    const nowhere = await inHand({ sender: { emails: ['tom@people.example'] } })
    const stood = await inHand()
    const large = path.join(folder, 'large')
    fs.writeFileSync(large, Buffer.alloc(15 * 1024 ** 2 + 1))
    const refusals: [string[], number, string][] = [
      [['reply', stood.caseId], 2, 'There are no words'],
      [['reply', stood.caseId, 'a', '--text', 'b'], 2, 'given twice'],
      [['reply', stood.caseId, '--file', path.join(folder, 'none')], 2, 'there is no such file'],
      [['reply', 'nope', 'a'], 2, 'CASE_UNKNOWN'],
      [['reply', stood.caseId, 'a', '--by', 'pigeon'], 2, 'pigeon'],
      [['reply', stood.caseId, 'a', '--to', 'bob@c.example'], 2, 'REPLY_ADDRESS'],
      [['reply', nowhere.caseId, 'a', '--by', 'letter'], 2, 'the resident gave no postal address'],
      [['reply', stood.caseId, 'a', '--saved', 'nope'], 2, 'SAVED_REPLY_UNKNOWN'],
      [['reply', stood.caseId, 'a', '--language', 'fr'], 2, 'there are en, es'],
      [['reply', stood.caseId, 'a', '--attach', large], 2, 'Look at --attach. [REPLY_FILES]'],
      [['reply', stood.caseId, ' '], 2, 'REPLY_EMPTY'],
      [['reply', stood.caseId, 'x'.repeat(1_600), '--by', 'text'], 2, 'REPLY_TOO_LONG'],
      [['reply', stood.caseId, 'a', '--to', 'a@b', '--typed'], 2, 'needs a way'],
      [
        ['reply', stood.caseId, 'a', '--to', 'a@b', '--typed', '--by', 'mail'],
        2,
        'Look at --to and --by. [REPLY_TYPED]'
      ],
      [['note', stood.caseId, ' '], 2, 'NOTE_EMPTY'],
      [['pause', stood.caseId, '--until', '2020-01-01', '--reason', 'x'], 2, 'Look at --until.'],
      [['pause', stood.caseId, '--until', 'soon', '--reason', 'x'], 2, 'REMINDER_NEEDED'],
      [['return', stood.caseId, ' '], 2, 'REASON_REQUIRED'],
      [['settle', stood.caseId, 'called'], 2, 'no such duty'],
      [['settle', stood.receipt, 'called'], 2, 'no such duty'],
      [['settle', '0123abcd', 'called'], 2, 'no such duty'],
      [['split', stood.caseId, ' '], 2, 'Say what the other matter is'],
      [['split', stood.caseId, 'a tree', '--department', 'moon'], 2, 'DEPARTMENT_UNKNOWN'],
      [['approve', stood.caseId, '--as', ann.email], 2, 'no such reply']
    ]
    for (const [args, code, sentence] of refusals) {
      const got = await asAnn(args)
      expect({ args, ...got }).toEqual({
        args,
        code,
        stdout: '',
        stderr: expect.stringContaining(sentence)
      })
    }
    const bob = await makeStaff(runtime, 'agent', ['parks'])
    expect(await run(['reply', stood.caseId, 'a', '--as', bob.email])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('CASE_NOT_TAKEN')
    })
    for (const nobody of ['bob', bob.name])
      expect(await run(['reply', stood.caseId, 'a', '--as', nobody])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/--as/)
      })
    expect(await said(stood)).toEqual([])
  })
})

describe('a reply that waits for a second person', () => {
  const second = () => makeStaff(runtime, 'agent', ['water'])
  const propose = async (writer: string) => {
    const stood = await stand(runtime, {
      to: town('water'),
      text: crypto.randomUUID(),
      sender: rosa
    })
    await take(runtime, `cli:${writer}`, 'water')
    const words = 'The pipe\nis mended.'
    const { stdout } = await run(['reply', stood.caseId, words, '--as', writer])
    return { stood, replyId: idOf(stdout, 'waits') }
  }
  afterEach(() => emptyLine(runtime, 'water'))

  test('is shown with its words, and goes when another account says so', async () => {
    const { stood, replyId } = await propose(ann.email)
    const listed = await run(['approvals', 'water'])
    expect(listed.stdout).toContain(
      `${replyId}  ${stood.receipt}  water  cli:${ann.email} by mail to rosa@people.example\n    The pipe\n    is mended.\n`
    )
    const bob = await second()
    expect(await run(['approve', replyId, '--as', bob.email])).toMatchObject({
      code: 0,
      stdout: `${replyId}  ${stood.receipt}  approved\n`
    })
    expect(await said(stood)).toMatchObject([{ state: 'waiting', decidedBy: `cli:${bob.email}` }])
    expect((await run(['approvals'])).stdout).not.toContain(replyId)
    expect((await run(['approve', replyId, '--as', bob.email])).stderr).toContain('REPLY_DECIDED')
  })

  test('goes back with words for its writer', async () => {
    const { stood, replyId } = await propose(ann.email)
    const { email } = await second()
    expect((await run(['send-back', replyId, ' ', '--as', email])).code).toBe(2)
    const back = await run(['send-back', replyId, 'Say when.', '--as', email, '--json'])
    expect(JSON.parse(back.stdout)).toMatchObject({ caseId: stood.caseId, state: 'sent-back' })
    expect(await notesOf(runtime.db, [stood.caseId])).toMatchObject([{ text: 'Say when.' }])
  })

  test('is let go by nobody who wrote it, has no account or serves another department', async () => {
    const bob = await second()
    const stranger = await makeStaff(runtime, 'agent', ['parks'])
    const { stood, replyId } = await propose(bob.email)
    for (const name of [bob.email.toUpperCase(), bob.email]) {
      const own = await run(['approve', replyId, '--as', name])
      expect([own.code, own.stderr]).toEqual([1, expect.stringContaining('REPLY_OWN')])
      const nobody = await run(['approve', replyId, '--as', 'root'])
      expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('--as has to be')])
      expect((await run(['approve', replyId, '--as', stranger.email])).stderr).toContain(
        'NOT_ALLOWED'
      )
      expect(await said(stood)).toMatchObject([{ state: 'proposed' }])
    }
    await runtime.line.close(stood.caseId, `cli:${bob.email}`, 'over')
  })

  test('is named by the receipt of its case, too, where it alone waits there', async () => {
    const { stood, replyId } = await propose(ann.email)
    const { email } = await second()
    expect(await run(['approve', stood.receipt, '--as', email])).toMatchObject({
      code: 0,
      stdout: `${replyId}  ${stood.receipt}  approved\n`
    })
    expect((await run(['approve', stood.receipt, '--as', email])).stderr).toContain('no such reply')
  })
})

test('evenhand duties shows what is to be done for residents, and settle says how it went', async () => {
  const stood = await inHand()
  await sql`delete from duties`.execute(runtime.db)
  await asAnn(['reply', stood.caseId, 'Tell her.', '--by', 'call'])
  await asAnn(['reply', stood.caseId, 'Dear', '--by', 'letter'])
  const listed = await run(['duties', 'parks'])
  expect(listed.stdout).toMatch(/^2 to be done:$/m)
  const numberOf = (words: string) =>
    new RegExp(`^([0-9a-f]{8})  ${stood.receipt}  .*${words}`, 'm').exec(listed.stdout)![1]!
  const [call, letter] = [numberOf('a call'), numberOf('a letter')]
  const several = await asAnn(['settle', stood.receipt, 'reached', 'x'])
  expect([several.code, several.stderr]).toEqual([
    2,
    `evenhand: There are several: ${call} (a call to make), ${letter} (a letter to print and mail).\n`
  ])
  expect(listed.stdout).toContain('a call to make: Rosa Delgado, 217-555-0142')
  expect(listed.stdout).toContain('mail: Rosa Delgado, 12 Alder Lane, Willow Creek, IL 62001')
  expect((await run(['duties', 'water'])).stdout).toBe('Nothing is to be done.\n')
  const wrong = await asAnn(['settle', call, 'printed'])
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('reached or unreachable')])
  expect((await asAnn(['settle', call, 'reached'])).code).toBe(2)
  expect((await asAnn(['settle', call, 'reached', 'She is glad'])).stdout).toBe(
    `${call}  reached\n`
  )
  expect((await asAnn(['settle', stood.receipt, 'printed'])).stdout).toBe(`${letter}  printed\n`)
  expect((await asAnn(['settle', letter, 'printed'])).code).toBe(1)
  expect(JSON.parse((await run(['duties', '--json'])).stdout)).toEqual({ total: 0, duties: [] })
})

test('evenhand note writes what staff alone read', async () => {
  const stood = await inHand()
  expect(await asAnn(['note', stood.receipt, '-'], 'Crew two is free.')).toMatchObject({
    code: 0,
    stdout: `${stood.receipt}  noted\n`
  })
  expect(await notesOf(runtime.db, [stood.caseId])).toMatchObject([
    { author: `cli:${ann.email}`, text: 'Crew two is free.' }
  ])
  expect(await asAnn(['note', stood.receipt, 'Please look, @Nobody'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Nobody is told')
  })
  expect(await said(stood)).toEqual([])
})

test('evenhand split, join and apart: two matters, one matter, and two again', async () => {
  const stood = await inHand()
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await asAnn([...args, '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout) as { caseId: string; state: string }
  }
  const part = await json('split', stood.caseId, 'the bench, too')
  expect(part.state).toBe('waiting')
  expect(await lineOf(runtime)).toEqual([part.caseId])
  expect(await json('join', stood.caseId, stood.receipt, 'one bench')).toMatchObject({
    caseId: stood.caseId,
    state: 'taken'
  })
  expect(await lineOf(runtime)).toEqual([])
  expect(await json('apart', stood.caseId, part.caseId, 'two after all')).toMatchObject({
    caseId: stood.caseId
  })
  expect(await lineOf(runtime)).toEqual([part.caseId])
  expect((await asAnn(['apart', stood.caseId, part.caseId, 'again'])).code).toBe(1)
  const noted = await asAnn(['note', stood.receipt, 'Two of them'])
  expect(noted.stdout).toBe(`${stood.receipt}  noted  case ${stood.caseId}\n`)
  const tokens = [tokenFor(runtime, stood.receipt)]
  const later = await stand(runtime, { tokens })
  expect(await json('split', stood.caseId, 'a tree', '--contact', later.receipt)).toMatchObject({
    receipt: later.receipt
  })
  const shown = await asAnn(['split', stood.caseId, 'a third'])
  expect(shown.stdout).toMatch(/ {2}waiting in parks {2}case [\w-]{36}\n$/)
})
