import { expect, test } from '@jest/globals'
import { smtpUsers } from '../../channels/email/users.ts'
import { runEvenhand } from '../helpers/running.ts'

const password = (name: string, typed: string) =>
  runEvenhand(['email', 'password', name], {}, Buffer.from(typed))

test('a password becomes an entry by which its program signs in, and is not in it', async () => {
  const { code, stdout } = await password('copier', 'correct horse\n')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^copier:scrypt\.[\w-]+\.[\w-]+\n$/)
  const isUser = smtpUsers([stdout.trim()])
  expect([
    await isUser('copier', 'correct horse'),
    await isUser('copier', 'correct horse\n'),
    await isUser('scanner', 'correct horse')
  ]).toEqual([true, false, false])
})

test.each([
  ['copier', '', 'A password has 1 to 1024 characters'],
  ['copier', 'x'.repeat(1025), 'A password has 1 to 1024 characters'],
  ['the copier', 'correct horse', 'A name has 1 to 64 characters'],
  ['copier:', 'correct horse', 'A name has 1 to 64 characters'],
  ['a,b', 'correct horse', 'A name has 1 to 64 characters'],
  ['n'.repeat(65), 'correct horse', 'A name has 1 to 64 characters']
])(
  'what is no name or no password is a sentence and exit code 2: %#',
  async (name, typed, sentence) => {
    expect(await password(name, typed)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(sentence)
    })
  }
)

test('the longest name and password are taken', async () => {
  const { code, stdout } = await password('n'.repeat(64), 'x'.repeat(1024))
  expect([code, stdout.startsWith(`${'n'.repeat(64)}:scrypt.`)]).toEqual([0, true])
})
