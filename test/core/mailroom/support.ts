import { afterAll } from '@jest/globals'
import { closeReaders } from '../../../core/documents/read.ts'
import { openMailroom } from '../../../core/mailroom/open.ts'
import type { Mailroom } from '../../../core/mailroom/types.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { openPipeline, type Pipeline } from '../../helpers/pipeline.ts'

export const clerk = 'staff:00000000-0000-4000-8000-000000000001'
export const other = 'staff:00000000-0000-4000-8000-000000000002'

/** A mailroom, and the stages its letters go through, for a whole file. */
export async function mailroomForFile(): Promise<{
  runtime: TestRuntime
  room: Mailroom
  pipeline: Pipeline
}> {
  const runtime = await createTestRuntime()
  const pipeline = openPipeline(runtime)
  afterAll(async () => {
    await pipeline.close()
    await closeReaders()
    await runtime.remove()
  })
  return { runtime, room: openMailroom(runtime), pipeline }
}
