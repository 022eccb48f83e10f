/** The program of a thread for a large body: runs one function on one task. */
import { parentPort, workerData } from 'node:worker_threads'

const { module, task } = workerData as { module: string; task: unknown }
const { default: work } = (await import(module)) as { default(task: unknown): Promise<unknown> }
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have none
parentPort!.postMessage(await work(task))
