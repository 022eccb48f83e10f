import { afterAll, afterEach, expect } from '@jest/globals'
import { verifyAudit } from '../../core/audit/verify.ts'
import { emptyLine } from './contacts.ts'
import { createTestRuntime, type TestRuntime } from './runtime.ts'

/**
 * A runtime for a whole file: after each test the lines are empty, and at the end the ledger has to
 * verify.
 */
export async function verifiedRuntime(lines: readonly string[]): Promise<TestRuntime> {
  const runtime = await createTestRuntime()
  afterEach(async () => {
    for (const department of lines) await emptyLine(runtime, department)
  })
  afterAll(async () => {
    expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
    await runtime.remove()
  })
  return runtime
}
