import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { channels } from '../../channels/index.ts'
import { unknownSettings } from '../../config/settings.ts'
import { postgresOf } from '../helpers/processes.ts'
import { createTestDatabase } from '../helpers/runtime.ts'
import { runEvenhand, temporaryFolder } from '../helpers/running.ts'
import { until } from '../helpers/until.ts'

/** A file that can be read. */
const here = import.meta.filename
let dir: string
beforeAll(() => {
  dir = temporaryFolder()
})
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }))

const run = (args: string[], input?: string, environment: Record<string, string> = {}) =>
  runEvenhand(
    args,
    { DATA_DIR: path.join(dir, 'data'), LOG_LEVEL: 'warn', ...environment },
    Buffer.from(input ?? '')
  )

describe('a file that cannot be read is a sentence and exit code 2, before anything is opened or made', () => {
  test.each([
    [['read', 'FILE']],
    [['read', 'FILE', '--json']],
    [['submit', 'FILE', '--channel', 'email']],
    [['submit', 'FILE', '--channel', 'postal', '--wait']],
    [['submit', 'FILE', '--channel', 'counter', '--json']],
    [['match', 'evaluate', 'FILE', 'FILE', '--truth', 'FILE']],
    [['duplicates', 'evaluate', 'FILE']],
    [['routes', 'evaluate', 'FILE', 'FILE']],
    [['constituents', 'import', 'FILE']]
  ])('%j', async (args) => {
    const cases = [
      [path.join(dir, 'missing'), 'there is no such file'],
      [dir, 'it is a folder']
    ] as const
    await Promise.all(
      cases.map(async ([file, why]) => {
        expect(await run(args.map((word) => (word === 'FILE' ? file : word)))).toEqual({
          code: 2,
          stdout: '',
          stderr: `evenhand: ${file} cannot be read: ${why}.\n`
        })
      })
    )
    expect(fs.existsSync(path.join(dir, 'data'))).toBe(false)
  })
})

describe('a call that makes no sense is exit code 2', () => {
  test.each([
    [['nonsense']],
    [['line']],
    [['line', 'parks', '--limit', 'many']],
    [['bench', 'nothing']],
    [['submit', 'x', '--channel', 'smoke']],
    [['start', 'everything']],
    [['keys', 'add', 'x', '--scopes', 'contacts:write', '--per-minute', '-1']],
    [['keys', 'add']],
    [['keys']],
    [['audit', 'nonsense']],
    [['match', 'evaluate', 'x']],
    [['routes']]
  ])('%j', async (args) => {
    expect((await run(args)).code).toBe(2)
  })
})

describe('a call that names what there is not, or is handed nothing, is a sentence and exit code 2', () => {
  test.each([
    [['keys', 'add', 'crm', '--scopes', 'lines:read'], 'There is no scope lines:read.'],
    [['keys', 'add', 'crm', '--scopes', ' , '], 'It names no scope.'],
    [['routes', 'evaluate', '-', '-'], 'Standard input is empty.'],
    [['duplicates', 'evaluate', '-'], 'Standard input is empty.'],
    [['match', 'evaluate', '-', '-', '--truth', '-'], 'Standard input is empty.'],
    [['email', 'evaluate', here], 'is a file; a folder is needed.'],
    [['email', 'evaluate', '/nonexistent'], '/nonexistent cannot be read: there is no such file.'],
    ...channels.map(({ kind }): [string[], string] => [
      ['submit', '-', '--channel', kind],
      'Standard input is empty.'
    ]),
    [
      ['read', here, '--pdf', '/nonexistent/x.pdf'],
      '/nonexistent/x.pdf cannot be written: there is no such folder.'
    ],
    [['read', here, '--pdf', '/'], '/ cannot be written: it is a folder.']
  ])('%j', async (args, sentence) => {
    expect(await run(args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(sentence)
    })
  })

  test.each([
    [['routes', 'evaluate', '-', '-'], 'a,b\n1,2\n'],
    [['duplicates', 'evaluate', '-'], 'no JSON\n']
  ])('%j of rows that are none', async (args, input) => {
    expect(await run(args, input)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('- has no row with a text')
    })
  })

  test.each([
    ['a,b\n1,2\n', 'no column that says something about a person'],
    ['id,name\n', 'no row'],
    ['left,name\n', 'no row'],
    ['name,right\nJo,\n', 'has no pair; it takes columns left,right of ids']
  ])('match evaluate of %j, in which there is nothing to compare', async (input, sentence) => {
    expect(await run(['match', 'evaluate', '-', '-', '--truth', '-'], input)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(`^evenhand: There is nothing to compare: .*${sentence}`)
      )
    })
  })

  test.each(channels.map(({ kind }) => kind))(
    'an empty file for --channel %s, before anything is accepted',
    async (kind) => {
      const file = path.join(dir, `empty-${kind}`)
      fs.writeFileSync(file, '')
      expect(await run(['submit', here, file, '--channel', kind])).toEqual({
        code: 2,
        stdout: '',
        stderr: `evenhand: ${file} is empty.\n`
      })
    }
  )

  test('a department, receipt, case, key, webhook or event that is unknown', async () => {
    const id = '00000000-0000-0000-0000-000000000000'
    const database = await createTestDatabase()
    for (const args of [
      ['take', 'nope'],
      ['line', 'nope'],
      ['show', 'nope'],
      ['close', 'nope'],
      ['release', 'nope', '--reason', 'x'],
      ['keys', 'disable', id],
      ['keys', 'rotate', id],
      ['webhooks', 'secret', 'nope'],
      ['webhooks', 'start', 'nope'],
      ['webhooks', 'dismiss', id],
      ['webhooks', 'send', id]
    ]) {
      const { code, stdout, stderr } = await run(args, '', { DATABASE_URL: database.url })
      expect({ args, code, stdout, stderr }).toEqual({
        args,
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^evenhand: (There is no|No contact can be shown)/)
      })
    }
    await database.drop()
  })

  test('a column that is given a role there is none', async () => {
    expect(
      await run(
        ['match', 'evaluate', '-', '-', '--truth', '-', '--map', 'a=nonsense'],
        'id,name\n1,Ana\n'
      )
    ).toMatchObject({ code: 2, stderr: expect.stringContaining('the roles are') })
  })
})

test('--version prints the version', async () => {
  const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { version: string }
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

describe('- is standard input', () => {
  test('for a document', async () => {
    const card = 'BEGIN:VCARD\nFN:Ana Ruiz\nTEL:217-555-0142\nEND:VCARD\n'
    expect(await run(['read', '-'], card)).toMatchObject({
      code: 0,
      stdout: 'Ana Ruiz\n217-555-0142\n'
    })
    expect(await run(['read', '-'], 'The lamp is broken.')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The lamp is broken.')
    })
  })

  test('for tables', async () => {
    expect(
      await run(
        ['duplicates', 'evaluate', '-', '--json'],
        '{"id":"1","text":"The lamp is broken"}\n'
      )
    ).toMatchObject({ code: 0, stdout: expect.stringContaining('"rows":1') })
  })

  test('for contacts', async () => {
    const mail =
      'From: ana@example.org\r\nTo: parks@willowcreek.example\r\nSubject: Swing\r\n\r\nThe swing is broken.\r\n'
    const { code, stdout } = await run(
      ['submit', '-', '--channel', 'email', '--wait', '--json'],
      mail
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'case', department: 'parks' })
    expect(postgresOf(path.join(dir, 'data'))).toBeUndefined()
  })
})

test('a command that is ended by a signal leaves no database behind', async () => {
  const data = path.join(dir, 'signalled')
  const child = spawn(process.execPath, ['cli/evenhand.ts', 'line', 'parks'], {
    env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: '', REDIS_URL: '', DATA_DIR: data },
    stdio: 'ignore'
  })
  const ended = new Promise((resolve) => {
    child.once('exit', resolve)
  })
  await until(() => fs.existsSync(path.join(data, 'postgres.log')), { everyMs: 20 })
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(postgresOf(data)).toBeUndefined()
})

describe('.env in the folder is read by every command', () => {
  const inFolder = (folder: string, environment: Record<string, string> = {}) =>
    new Promise<{ code: number | null; stdout: string }>((resolve) => {
      const child = spawn(process.execPath, [path.resolve('cli/evenhand.ts'), 'doctor', '--json'], {
        cwd: folder,
        env: { PATH: process.env['PATH'], ...environment },
        stdio: ['ignore', 'pipe', 'pipe']
      })
      let stdout = ''
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString()
      })
      child.once('close', (code) => resolve({ code, stdout }))
    })

  test("and the environment goes before it; names that are nobody's are said", async () => {
    const folder = fs.mkdtempSync(path.join(dir, 'env-'))
    fs.writeFileSync(path.join(folder, '.env'), 'PORT=nonsense\nSMTP_PORT=70000\nFAVOURITE=blue\n')
    const wrong = JSON.parse((await inFolder(folder)).stdout) as { checks: { finding: string }[] }
    expect(wrong.checks.map(({ finding }) => finding.split(':')[0])).toEqual(['PORT', 'SMTP_PORT'])
    const mended = JSON.parse((await inFolder(folder, { PORT: '0', SMTP_PORT: '0' })).stdout) as {
      checks: { name: string; state: string; finding: string }[]
    }
    expect(mended.checks.filter(({ name }) => name === 'settings')).toMatchObject([
      { state: 'ok' },
      { state: 'warn', finding: 'FAVOURITE is set and does nothing' }
    ])
  })

  test('one that cannot be read is a sentence and exit code 2', async () => {
    const folder = fs.mkdtempSync(path.join(dir, 'env-'))
    fs.mkdirSync(path.join(folder, '.env'))
    expect((await inFolder(folder)).code).toBe(2)
  })
})

describe('unknown settings', () => {
  test.each([
    ['SMPT_PORT', 'SMTP_PORT'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATADIR', 'DATA_DIR'],
    ['data_dir', 'DATA_DIR'],
    ['REDIS_URI', 'REDIS_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['PUBLICURL', 'PUBLIC_URL'],
    ['TWILLIO_AUTH_TOKEN', 'TWILIO_AUTH_TOKEN'],
    ['PROT', 'PORT'],
    ['BLOBS_URL', 'DATA_DIR/blobs'],
    ['OIDC_CLIENT_ID', 'password'],
    ['SMTP_PASSWORD', 'no such setting'],
    ['MAIL_SERVER', 'no such setting']
  ])('%s is taken for ours: %s', (name, hint) => {
    expect(unknownSettings({ [name]: 'x' })).toEqual([
      { name, hint: expect.stringContaining(hint) }
    ])
  })

  test.each([
    'PATH',
    'HOME',
    'HOSTNAME',
    'HOSTTYPE',
    'MAIL',
    'MAILCHECK',
    'SHELL',
    'TERM',
    'LANG',
    'PWD',
    'USER',
    'EDITOR',
    'NODE_ENV',
    'npm_config_cache',
    'XDG_DATA_DIRS',
    'PGHOST',
    'DISPLAY',
    'PORTAGE',
    'COLORTERM',
    'DATA',
    'INVOCATION_ID'
  ])("%s is somebody else's", (name) => {
    expect(unknownSettings({ [name]: 'x' })).toEqual([])
  })

  test('one that is empty is as good as unset, and every one that we read is known', () => {
    expect(unknownSettings({ SMPT_PORT: '', PORT: '1', OCR_ENGINE: 'wasm' })).toEqual([])
  })
})

test('saved mails are measured beside the truth that stands with them, each as a line on wish', async () => {
  const folder = path.join(dir, 'mails')
  fs.mkdirSync(path.join(folder, 'emails'), { recursive: true })
  fs.mkdirSync(path.join(folder, 'trimmed'))
  fs.writeFileSync(path.join(folder, 'emails', 'a.txt'), 'Yes.\n\n-- \nAnn')
  fs.writeFileSync(path.join(folder, 'trimmed', 'a.txt'), 'Yes.')
  const figures = await run(['email', 'evaluate', folder, '--json'])
  expect(JSON.parse(figures.stdout)).toMatchObject({
    files: 1,
    kinds: { message: 1 },
    passedOn: { mails: 0, withAuthor: 0 },
    newTextExact: { right: 1, of: 1 }
  })
  expect((await run(['email', 'evaluate', folder])).stdout).toContain(
    "passed on in the text: 0, of which 0 name an author's address"
  )
  const each = await run(['email', 'evaluate', folder, '--each'])
  expect(JSON.parse(each.stdout)).toEqual({
    file: path.join('emails', 'a.txt'),
    kind: 'message',
    subject: '',
    text: 'Yes.\n\n-- \nAnn',
    newText: 'Yes.',
    documents: []
  })
  expect([each.code, JSON.parse(each.stderr)]).toMatchObject([0, { files: 1 }])
})
