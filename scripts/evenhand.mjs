#!/usr/bin/env node
// The `evenhand` command for any Node ≥ 20: installs what is missing, then runs cli/evenhand.ts on
// the pinned Node 24.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { setUp } from './setup.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
setUp()
const pinned = path.join(
  here,
  '..',
  'node_modules',
  '.bin',
  process.platform === 'win32' ? 'node.cmd' : 'node'
)
const child = spawn(
  existsSync(pinned) ? pinned : process.execPath,
  [path.join(here, '../cli/evenhand.ts'), ...process.argv.slice(2)],
  {
    // The last is a channel: when this process is killed it closes, and the real one ends in order.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc']
  }
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  if (signal) process.kill(process.pid, signal)
  else process.exit(code ?? 1)
})
