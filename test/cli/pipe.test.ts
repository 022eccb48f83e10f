/** Mail that a mail server pipes to the command, as Postfix and Sendmail do for an alias. */
import fs from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { contactRow } from '../helpers/contacts.ts'
import { findContactId } from '../../core/contacts/find.ts'
import { lyingMail } from '../helpers/mailboxes.ts'
import { freePort } from '../helpers/ports.ts'
import { runEvenhand, temporaryFolder } from '../helpers/running.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'

let runtime: TestRuntime
let folder: string
beforeAll(async () => {
  runtime = await createTestRuntime()
  folder = temporaryFolder()
})
afterAll(async () => {
  await runtime.remove()
  fs.rmSync(folder, { recursive: true, force: true })
})

function pipe(mail: string, environment: Record<string, string> = {}, channel = 'email') {
  return runEvenhand(
    ['submit', '-', '--channel', channel],
    {
      DATABASE_URL: runtime.settings.DATABASE_URL!,
      DATA_DIR: folder,
      CONFIG_DIR: 'config',
      LOG_LEVEL: 'silent',
      ...environment
    },
    Buffer.from(mail)
  )
}

/** As local(8) of Postfix writes it above a mail, with the time of this try. */
const above = (time: string) => `From agnes@people.example  Tue Dec  1 ${time} 2026\n`

describe('a mail piped in', () => {
  test('is taken, and known again when it is piped once more', async () => {
    const mail = `Return-Path: <agnes@people.example>\r\n${lyingMail(1, { way: 'hello@willowcreek.example' })}`
    const first = await pipe(above('08:00:00') + mail)
    expect(first).toMatchObject({ code: 0, stderr: '' })
    const again = await pipe(above('08:05:00') + mail)
    expect(again).toMatchObject({ code: 0 })
    const [receipt] = first.stdout.split(/\s/)
    expect(again.stdout).toBe(`${receipt}  (accepted before)\n`)
    const row = await contactRow(runtime, await findContactId(runtime.db, receipt!))
    expect(row).toMatchObject({
      recipients: ['hello@willowcreek.example'],
      evidence: { mailFrom: 'agnes@people.example' }
    })
  })

  test('is to be tried again, with 75, when the database or the configuration is no good', async () => {
    const nowhere = `postgresql://town@127.0.0.1:${await freePort()}/town`
    for (const environment of [
      { DATABASE_URL: nowhere },
      { CONFIG_DIR: folder },
      { PORT: 'eighty' }
    ] as Record<string, string>[]) {
      const { code, stdout, stderr } = await pipe(lyingMail(2), environment)
      expect({ code, stdout }).toEqual({ code: 75, stdout: '' })
      expect(stderr).not.toBe('')
    }
  })

  test('a call that will never do is misuse', async () => {
    expect((await pipe('')).code).toBe(2)
    expect((await pipe(lyingMail(3), {}, 'pigeon')).code).toBe(2)
  })
})

test('a file that is named keeps the usual code', async () => {
  const file = `${folder}/mail.eml`
  fs.writeFileSync(file, lyingMail(4))
  const { code } = await runEvenhand(['submit', file, '--channel', 'email'], {
    DATA_DIR: folder,
    CONFIG_DIR: folder
  })
  expect(code).toBe(1)
})
