import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import type { Check } from '../../cli/doctor/check.ts'
import { describeAge } from '../../cli/doctor/check.ts'
import { examine } from '../../cli/doctor.ts'
import { makeCertificate } from '../helpers/certificate.ts'
import { freePort } from '../helpers/ports.ts'
import {
  createTestDatabase,
  createTestRuntime,
  type TestDatabase,
  type TestRuntime
} from '../helpers/runtime.ts'

let dir: string
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-doctor-'))
})
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }))

/** The checks of one name, under settings that touch nothing outside the test. */
async function look(name: string, environment: Record<string, string> = {}): Promise<Check[]> {
  const checks = await examine({ DATA_DIR: dir, PORT: '0', SMTP_PORT: '0', ...environment })
  return checks.filter((check) => check.name === name)
}

describe('settings and files', () => {
  test('every wrong variable is named, and nothing else is looked at', async () => {
    const checks = await examine({ PORT: 'x', SMTP_PORT: '70000', LOG_LEVEL: 'loud' })
    expect(checks.map(({ name, state }) => [name, state])).toEqual([
      ['settings', 'fail'],
      ['settings', 'fail'],
      ['settings', 'fail']
    ])
    expect(checks.map(({ finding }) => finding.split(':')[0])).toEqual([
      'PORT',
      'SMTP_PORT',
      'LOG_LEVEL'
    ])
  })

  test('a configuration file that cannot be used is named with its line', async () => {
    const config = path.join(dir, 'config')
    fs.cpSync('config', config, { recursive: true, filter: (source) => !source.endsWith('.ts') })
    fs.writeFileSync(
      path.join(config, 'routes.yaml'),
      'version: 1\nrules:\n  - id: a\n    department: nowhere\n    when: { words: [x] }\n'
    )
    expect(await look('configuration', { CONFIG_DIR: config })).toEqual([
      expect.objectContaining({
        state: 'fail',
        finding: expect.stringMatching(/^routes\.yaml:4: rules\[0\]\.department: /)
      })
    ])
  })

  test.each([
    ['this machine alone', {}, 'ok'],
    ['everybody, by no address', { HOST: '0.0.0.0' }, 'warn'],
    ['everybody, in the open', { HOST: '0.0.0.0', PUBLIC_URL: 'http://town.example' }, 'warn'],
    [
      'everybody, at their own machine',
      { HOST: '0.0.0.0', PUBLIC_URL: 'https://localhost' },
      'warn'
    ],
    ['everybody, by https', { PUBLIC_URL: 'https://town.example' }, 'ok']
  ])('PUBLIC_URL for %s', async (_, environment: Record<string, string>, state) => {
    expect(await look('public-url', environment)).toEqual([expect.objectContaining({ state })])
  })

  test.each([
    ['this machine alone', {}, 'ok'],
    [
      'everybody, through a web server that was not named',
      { PUBLIC_URL: 'https://town.example' },
      'warn'
    ],
    [
      'everybody, through one that was',
      { PUBLIC_URL: 'https://town.example', TRUST_PROXY: '10.0.0.5, loopback' },
      'ok'
    ]
  ])('TRUST_PROXY for %s', async (_, environment: Record<string, string>, state) => {
    expect(await look('proxy', environment)).toEqual([expect.objectContaining({ state })])
  })

  test.each([['somewhere'], ['10.0.0.0/33'], ['2001:db8::/129'], ['10.0.0.5 10.0.0.6']])(
    'TRUST_PROXY that is no network is named: %s',
    async (TRUST_PROXY) => {
      expect(await look('settings', { TRUST_PROXY })).toEqual([
        expect.objectContaining({ state: 'fail', finding: expect.stringContaining('TRUST_PROXY') })
      ])
    }
  )

  test('a folder with what residents wrote that others may read is named', async () => {
    const outbox = path.join(dir, 'outbox')
    fs.mkdirSync(outbox)
    fs.chmodSync(outbox, 0o755)
    expect(await look('rights')).toEqual([
      expect.objectContaining({ state: 'warn', finding: expect.stringContaining('mode 755') })
    ])
    fs.chmodSync(outbox, 0o700)
    expect(await look('rights')).toEqual([expect.objectContaining({ state: 'ok' })])
  })
})

describe('reading', () => {
  test('says which engine reads in which languages', async () => {
    expect(await look('reading')).toEqual([
      expect.objectContaining({ state: 'ok', finding: expect.stringContaining('eng, spa') })
    ])
  })

  test('fails when the native engine is asked for and not installed', async () => {
    const found = process.env['PATH']
    process.env['PATH'] = dir
    try {
      expect(await look('reading', { OCR_ENGINE: 'native' })).toEqual([
        expect.objectContaining({ state: 'fail', advice: expect.stringContaining('tesseract-ocr') })
      ])
    } finally {
      process.env['PATH'] = found
    }
  })
})

describe('database and work', () => {
  let runtime: TestRuntime
  let database: TestDatabase
  beforeAll(async () => {
    runtime = await createTestRuntime()
  })
  afterAll(() => runtime.remove())

  test('a database in order has nothing to look at', async () => {
    const checks = await examine({
      DATA_DIR: dir,
      PORT: '0',
      SMTP_PORT: '0',
      DATABASE_URL: runtime.settings.DATABASE_URL
    })
    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'database',
        'durability',
        'clock',
        'migrations',
        'queue',
        'unsettled',
        'quarantine',
        'receipts',
        'lines'
      ])
    )
  })

  test('a contact held up, one in quarantine and a receipt not sent are counted, without a word of what they say', async () => {
    const accept = (text: string) =>
      runtime.acceptor.accept({
        channel: 'email',
        source: 'test',
        bytes: Buffer.from(text),
        mediaType: 'text/plain',
        recipients: ['jane@doctor.example'],
        evidence: {}
      })
    const [late, held] = [await accept('held up'), await accept('set aside')]
    await sql`update contacts set arrived_at = now() - interval '3 hours'
        where id = ${late.contactId}`.execute(runtime.db)
    await sql`update contacts set state = 'quarantined', arrived_at = now() - interval '2 days'
        where id = ${held.contactId}`.execute(runtime.db)
    await runtime.db
      .insertInto('outbound')
      .values({
        id: held.contactId,
        contact_id: held.contactId,
        kind: 'acknowledgement',
        state: 'failed',
        reason: null,
        sent_at: null
      })
      .execute()
    const checks = await examine({
      DATA_DIR: dir,
      PORT: '0',
      SMTP_PORT: '0',
      DATABASE_URL: runtime.settings.DATABASE_URL
    })
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'unsettled',
        state: 'fail',
        finding: '1 on the way to a line, the oldest for 3 hours'
      })
    )
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'quarantine',
        state: 'warn',
        finding: '1 in quarantine, the oldest for 2 days'
      })
    )
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'receipts',
        state: 'warn',
        finding: '1 receipt given up after 8 tries'
      })
    )
    expect(JSON.stringify(checks)).not.toMatch(/jane|held up|set aside/)
  })

  test('documents that nobody gets on with are named, those being read are not', async () => {
    await runtime.db
      .insertInto('documents')
      .values({ sha256: 'd'.repeat(64), bytes: 1, reader_version: 1 })
      .execute()
    const documents = () => look('documents', { DATABASE_URL: runtime.settings.DATABASE_URL! })
    expect(await documents()).toEqual([
      expect.objectContaining({
        state: 'ok',
        finding: expect.stringContaining('1 document being read')
      })
    ])
    await sql`update documents set updated_at = now() - interval '20 minutes'`.execute(runtime.db)
    expect(await documents()).toEqual([
      expect.objectContaining({
        state: 'warn',
        finding: '1 document being read, the last page 20 minutes ago'
      })
    ])
    await runtime.db.deleteFrom('documents').execute()
  })

  test('contacts that do not go on though their documents are read, and files a provider does not give, are named', async () => {
    const accept = (text: string) =>
      runtime.acceptor.accept({
        channel: 'sms',
        source: 'test',
        bytes: Buffer.from(text),
        mediaType: 'text/plain',
        evidence: {}
      })
    const [stuck, waiting] = [await accept('stuck'), await accept('waiting')]
    const at = (name: string) => look(name, { DATABASE_URL: runtime.settings.DATABASE_URL! })
    await runtime.db
      .insertInto('documents')
      .values({ sha256: 'e'.repeat(64), bytes: 1, reader_version: 1, outcome: 'withheld' })
      .execute()
    await runtime.db
      .insertInto('contact_documents')
      .values({ contact_id: stuck.contactId, sha256: 'e'.repeat(64) })
      .execute()
    await sql`update contacts set state = 'documents', updated_at = now() - interval '3 minutes'
        where id = ${stuck.contactId}`.execute(runtime.db)
    expect(await at('documents')).toEqual([expect.objectContaining({ state: 'ok' })])
    await sql`update documents set updated_at = now() - interval '3 minutes'`.execute(runtime.db)
    expect(await at('documents')).toContainEqual(
      expect.objectContaining({
        state: 'warn',
        finding: expect.stringContaining('1 contact held up')
      })
    )
    await sql`insert into remote_files (contact_id, number, name, state, attempts, reason)
        values (${waiting.contactId}, 0, 'a', 'waiting', 8, 'HTTP 401')`.execute(runtime.db)
    expect(await at('files')).toEqual([])
    await sql`update remote_files set attempts = 9`.execute(runtime.db)
    expect(await at('files')).toEqual([
      expect.objectContaining({
        state: 'warn',
        finding: expect.stringMatching(/^1 file of 1 contact not to be had .* HTTP 401$/)
      })
    ])
    for (const table of ['remote_files', 'contact_documents', 'documents'] as const)
      await runtime.db.deleteFrom(table).execute()
    await sql`update contacts set state = 'settled'
        where id in (${stuck.contactId}, ${waiting.contactId})`.execute(runtime.db)
  })

  test('a case in the line of a department that is no more is a failure', async () => {
    const { contactId, receipt } = await runtime.acceptor.accept({
      channel: 'email',
      source: 'test',
      bytes: Buffer.from('stranded'),
      mediaType: 'text/plain',
      evidence: {}
    })
    await sql`insert into cases (id, contact_id, department, state, arrived_at, ordinal, channel,
        receipt, language) values (${contactId}, ${contactId}, 'closed-office', 'waiting', now(),
        1, 'email', ${receipt}, 'en')`.execute(runtime.db)
    expect(await look('lines', { DATABASE_URL: runtime.settings.DATABASE_URL! })).toEqual([
      expect.objectContaining({
        state: 'fail',
        finding: expect.stringContaining('1 in "closed-office"')
      })
    ])
  })

  test('a database older or newer than the program is told apart, and not touched', async () => {
    database = await createTestDatabase()
    const change = async (statement: string) => {
      const other = new (await import('pg')).Client({ connectionString: database.url })
      await other.connect()
      await other.query(statement)
      await other.end()
    }
    await change(
      "insert into kysely_migration (name, timestamp) values ('9999-later', '2100-01-01')"
    )
    expect(await look('migrations', { DATABASE_URL: database.url })).toEqual([
      expect.objectContaining({ state: 'fail', finding: expect.stringContaining('9999-later') })
    ])
    await change('delete from kysely_migration')
    expect(await look('migrations', { DATABASE_URL: database.url })).toEqual([
      expect.objectContaining({ state: 'warn', finding: expect.stringContaining('0001-line') })
    ])
    expect(await look('unsettled', { DATABASE_URL: database.url })).toEqual([])
    await database.drop()
  })

  test('a database that cannot be reached is a failure, and its password is not shown', async () => {
    const checks = await examine({
      DATA_DIR: dir,
      PORT: '0',
      SMTP_PORT: '0',
      DATABASE_URL: 'postgresql://evenhand:sesame@127.0.0.1:1/x'
    })
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'database',
        state: 'fail',
        finding: expect.stringContaining('ECONNREFUSED')
      })
    )
    expect(JSON.stringify(checks)).not.toContain('sesame')
  })
})

describe('queue', () => {
  test('Redis in order is said with its version', async () => {
    expect(await look('queue', { REDIS_URL: process.env['TEST_REDIS']! })).toEqual([
      expect.objectContaining({
        state: 'ok',
        finding: expect.stringMatching(/^BullMQ on (Redis|Valkey) \d/)
      })
    ])
  })

  test('Redis that may throw jobs away is a failure, one without its log file a warning', async () => {
    const redis = await startRedis('--maxmemory-policy', 'allkeys-lru')
    try {
      expect((await look('queue', { REDIS_URL: redis.url })).map(({ state }) => state)).toEqual([
        'ok',
        'fail',
        'warn'
      ])
    } finally {
      await redis.stop()
    }
  })

  test('Redis that is not there is a failure', async () => {
    expect(await look('queue', { REDIS_URL: 'redis://127.0.0.1:1' })).toEqual([
      expect.objectContaining({ state: 'fail', finding: expect.stringContaining('ECONNREFUSED') })
    ])
  })
})

describe('ports and mail', () => {
  test.each([
    ['220 town.example ESMTP Evenhand\r\n', 'ok'],
    ['220 town.example ESMTP Other\r\n', 'fail']
  ])('a port held by a program that greets with %j', async (greeting, state) => {
    const server = net.createServer((socket) => socket.on('error', () => undefined).end(greeting))
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
    )
    expect(await look('port-smtp', { SMTP_PORT: String(port) })).toEqual([
      expect.objectContaining({ state })
    ])
    await new Promise((resolve) => server.close(resolve))
  })

  test('a HOST that this machine does not have is a failure', async () => {
    expect(await look('port-web', { HOST: '192.0.2.1', PORT: '3999' })).toEqual([
      expect.objectContaining({ state: 'fail', finding: expect.stringContaining('192.0.2.1') })
    ])
  })

  test.each([
    [-2, 'fail'],
    [5, 'warn'],
    [60, 'ok']
  ])('a certificate with %i days left', async (days, state) => {
    const { cert, key } = makeCertificate(dir, { name: 'sixty-days', days: 60 })
    const then = jest
      .spyOn(Date, 'now')
      .mockReturnValue(Date.now() + (60 - days) * 86_400_000 - 3_600_000)
    try {
      expect(await look('certificate', { SMTP_TLS_CERT: cert, SMTP_TLS_KEY: key })).toEqual([
        expect.objectContaining({ state })
      ])
    } finally {
      then.mockRestore()
    }
  })

  test('a key of another certificate, or no file at all, is a failure', async () => {
    const [{ cert }, { key }] = [
      makeCertificate(dir, { name: 'one' }),
      makeCertificate(dir, { name: 'other' })
    ]
    expect(await look('certificate', { SMTP_TLS_CERT: cert, SMTP_TLS_KEY: key })).toEqual([
      expect.objectContaining({
        state: 'fail',
        finding: expect.stringContaining('does not belong')
      })
    ])
    expect(
      await look('certificate', { SMTP_TLS_CERT: `${dir}/none.pem`, SMTP_TLS_KEY: key })
    ).toEqual([expect.objectContaining({ state: 'fail' })])
  })

  test('an outgoing server that is not there is a failure, and its password is not shown', async () => {
    const [check] = await look('mail-out', { MAIL_URL: 'smtp://town:sesame@127.0.0.1:1' })
    expect(check).toMatchObject({ state: 'fail' })
    expect(JSON.stringify(check)).not.toContain('sesame')
  })

  test('a key that signs mail is looked for in the DNS, and what the record must say is said', async () => {
    const key = path.join(dir, 'dkim.pem')
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    fs.writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const signing = (file: string) =>
      look('mail-signing', {
        MAIL_DKIM_KEY: file,
        MAIL_DKIM_SELECTOR: 'evenhand',
        MAIL_FROM: 'a@town.invalid'
      })
    const [check] = await signing(key)
    expect(check).toMatchObject({
      state: 'warn',
      finding: expect.stringContaining('evenhand._domainkey.town.invalid')
    })
    expect(check!.advice).toContain(
      publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    )
    expect(await signing(path.join(dir, 'none.pem'))).toMatchObject([{ state: 'fail' }])
    expect(await look('mail-signing')).toEqual([])
  })

  test('an entry of SMTP_USERS that cannot be read is named by its position', async () => {
    expect(await look('mail-users', { SMTP_USERS: 'anna:plain' })).toEqual([
      expect.objectContaining({ state: 'fail', finding: expect.stringContaining('entry 1') })
    ])
  })
})

test.each([
  [0, '0 seconds'],
  [1_000, '1 second'],
  [59_999, '59 seconds'],
  [60_000, '1 minute'],
  [7_200_000, '2 hours'],
  [86_400_000, '1 day']
])('%i ms is %s', (ms, text) => {
  expect(describeAge(ms)).toBe(text)
})

/** A Redis of its own, so that others' tests keep theirs in order. */
async function startRedis(
  ...options: string[]
): Promise<{ url: string; stop(): Promise<unknown> }> {
  const port = await freePort()
  const redis = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', ...options],
    { stdio: ['ignore', 'pipe', 'ignore'] }
  )
  const ready = createInterface(redis.stdout)
  for await (const line of ready) if (line.includes('eady to accept')) break
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () => {
      redis.kill('SIGTERM')
      return once(redis, 'exit')
    }
  }
}

describe('paper', () => {
  let runtime: TestRuntime
  beforeAll(async () => {
    runtime = await createTestRuntime()
  })
  afterAll(async () => {
    await runtime.remove()
  })

  test('trays that are held or were never ended are counted', async () => {
    const trays = () => look('trays', { DATABASE_URL: runtime.settings.DATABASE_URL! })
    expect(await trays()).toEqual([expect.objectContaining({ state: 'ok' })])
    await sql`insert into batches (id, received_at, logged_at, logged_by, state, seed) values
      ('a', now() - interval '2 days', now() - interval '2 days', 'cli:x', 'held', ''), ('b',
        now() - interval '3 days', now() - interval '3 days', 'cli:x', 'scanning', '')`.execute(
      runtime.db
    )
    expect((await trays()).map(({ state, finding }) => [state, finding])).toEqual([
      ['warn', '1 tray of letters held, the oldest for 2 days'],
      ['warn', '1 tray logged and not ended, the oldest for 3 days']
    ])
    await sql`update batches set state = 'reading',
        updated_at = now() - interval '29 minutes'`.execute(runtime.db)
    expect((await trays()).map(({ state }) => state)).toEqual(['ok'])
    await sql`update batches set updated_at = now() - interval '2 hours' where id = 'a'`.execute(
      runtime.db
    )
    expect((await trays()).map(({ state, finding }) => [state, finding])).toEqual([
      [
        'warn',
        '1 tray of letters being read or released and not moved for over 30 minutes, the longest for 2 hours'
      ]
    ])
  })

  test('scans that nobody takes are counted, those that were taken are not', async () => {
    const scans = path.join(dir, 'scans')
    fs.mkdirSync(path.join(scans, 'done', 'x'), { recursive: true })
    for (const name of ['old.pdf', 'done/x/old.pdf']) {
      fs.writeFileSync(path.join(scans, name), 'x')
      fs.utimesSync(path.join(scans, name), 1, 1)
    }
    expect(await look('scans-folder')).toEqual([
      expect.objectContaining({
        state: 'warn',
        finding: `1 file in ${scans} waited for over 30 minutes`
      })
    ])
    fs.rmSync(path.join(scans, 'old.pdf'))
    expect(await look('scans-folder')).toEqual([expect.objectContaining({ state: 'ok' })])
  })
})
