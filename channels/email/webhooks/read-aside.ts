/** A thread's work on a large request of a mail service: it reads the body. */
import { answerAside, type Aside } from '../../../platform/http-bodies/aside.ts'
import type { Posted } from './service.ts'
import { serviceOf } from './services.ts'

export interface Task {
  readonly service: string
  readonly bytes: Uint8Array
  readonly mediaType: string
}

export default async function readAside(task: Task): Promise<Aside<Posted | undefined>> {
  return answerAside(async () => serviceOf(task.service)?.read(task.bytes, task.mediaType))
}
