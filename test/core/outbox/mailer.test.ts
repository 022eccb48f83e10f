import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Mailer } from '../../../core/outbox/mailer.ts'
import { testSettings } from '../../helpers/runtime.ts'

const id =
  '<a.a3bb189e-8bf9-3888-9912-ace4e6543002.abcdefghjkmnpqrstv.abcdefghijklmnop@elm.example>'

/** What is written for a mail of ours. */
async function written(environment: Record<string, string>): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-mailer-'))
  try {
    const agency = {
      name: { en: 'Elm' },
      email: 'hello@elm.example',
      timeZone: 'UTC',
      languages: ['en']
    }
    const mailer = new Mailer(testSettings({ ...environment, DATA_DIR: folder }), () => agency)
    await mailer.send({
      via: 'mail',
      to: 'ana@oak.example',
      subject: 'Lamp',
      text: 'It is lit.',
      headers: { 'Message-ID': id }
    })
    const [file] = fs.readdirSync(path.join(folder, 'outbox'))
    return fs.readFileSync(path.join(folder, 'outbox', file!), 'utf8').replace(/\r\n[ \t]+/g, ' ')
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

test('by Postmark a mail takes along what its events name it by, in the 80 characters it keeps', async () => {
  const mail = await written({ POSTMARK_WEBHOOK_PASSWORD: 'sixteen characters' })
  const [, mark = ''] = /^X-PM-Metadata-message-id: *(.+)\r$/im.exec(mail) ?? []
  expect(id).toContain(mark)
  expect(mark).toMatch(/^a\..+@$/)
  expect(mark.length).toBeLessThanOrEqual(80)
})

test('and by others it does not', async () => {
  expect(await written({})).not.toMatch(/X-PM-/i)
})
