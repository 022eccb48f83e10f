/**
 * For child processes that may hang in an endless loop: a separate thread ends the process once its
 * parent is gone, whatever ended the parent. The "disconnect" event alone reaches only a process
 * whose event loop still runs.
 */
import { Worker } from 'node:worker_threads'

/** How often the thread checks, in ms: children outlive a killed parent by at most this. */
const LOOK_EVERY_MS = 500

const watch = `
const { workerData } = require('node:worker_threads')
setInterval(() => { if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL') }, workerData.every)
`

export function endWithParent(): void {
  // Ctrl+C and a service manager's stop signal reach every process of the group. The child ignores
  // them, because the parent decides how to end the work under way.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
  process.once('disconnect', () => process.exit(0))
  const watcher = new Worker(watch, {
    eval: true,
    workerData: { parent: process.ppid, every: LOOK_EVERY_MS },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8 }
  })
  // Without the thread, the "disconnect" event still ends a process that is not hanging.
  watcher.on('error', () => undefined)
  watcher.unref()
}
