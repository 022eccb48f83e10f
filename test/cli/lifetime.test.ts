import { describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'

/** A process with a lifetime and one part; answers with its exit code and what it wrote. */
function live(body: string): Promise<{ code: number | null; said: string }> {
  const program = `
    import { createLog } from './platform/logger.ts'
    import { Lifetime } from './cli/lifetime.ts'
    const lifetime = new Lifetime(createLog('info'))
    lifetime.add('part', { stop: async () => { process.stderr.write('the part has stopped\\n') } })
    lifetime.started()
    const alive = setInterval(() => undefined, 1_000)
    ${body}`
  const child = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', program], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, said }))
  })
}

describe('an error that nobody caught', () => {
  test('is logged, without what it quotes, and ends the process in order, so that a service manager starts it again', async () => {
    const { code, said } = await live(
      'setTimeout(() => { throw new Error("jane@example.org") }, 10)'
    )
    expect(code).toBe(1)
    expect(said).toContain('an error that nobody caught')
    expect(said).toContain('the part has stopped')
    expect(said).not.toContain('jane@example.org')
  })

  test('in a promise is logged and counted, and the process stays', async () => {
    const { code, said } = await live(`
      import { alertCounts } from './platform/alerts.ts'
      Promise.reject(new Error('jane@example.org'))
      setTimeout(() => { process.stderr.write('still here ' + alertCounts().get('unhandled-rejection') + '\\n'); process.kill(process.pid, 'SIGTERM') }, 50)`)
    expect(code).toBe(0)
    expect(said).toContain('a promise failed that nobody waited for')
    expect(said).toContain('still here 1')
    expect(said).not.toContain('jane@example.org')
  })
})

describe('signals', () => {
  test('that follow the first at once are the same Ctrl+C', async () => {
    const { code, said } = await live(`
      lifetime.add('slow', { stop: () => new Promise((resolve) => setTimeout(resolve, 300)) })
      for (let n = 0; n < 3; n += 1) setTimeout(() => process.kill(process.pid, 'SIGINT'), 20 * n)`)
    expect(code).toBe(0)
    expect(said.match(/"msg":"stopping"/g)).toHaveLength(1)
    expect(said).toContain('the part has stopped')
  })

  test('later than that end the process at once', async () => {
    const { code, said } = await live(`
      lifetime.add('never', { stop: () => new Promise(() => undefined) })
      process.kill(process.pid, 'SIGINT')
      setTimeout(() => process.kill(process.pid, 'SIGINT'), 2_200)`)
    expect(code).toBe(1)
    expect(said).not.toContain('the part has stopped')
  })
})

test('a part that cannot be stopped keeps none of the others', async () => {
  const { code, said } = await live(`
    lifetime.add('broken', { stop: async () => { throw new Error('jane@example.org') } })
    process.kill(process.pid, 'SIGTERM')`)
  expect(code).toBe(0)
  expect(said).toContain('could not be stopped')
  expect(said).toContain('the part has stopped')
})
