/**
 * Lets the temporary folders of a run lie in memory where there is plenty. Each database of a test
 * is some thousand small files: made in 45 ms there, in 260 to 790 on a disk (ext4). What tests look
 * at outlives the kill of a process in either place.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const MEMORY = '/dev/shm'
/** A run had 150 MB in use twenty minutes in; the log of its database alone may grow to 2 GB. */
const FREE_BYTES = 8 * 2 ** 30
const MACHINE_BYTES = 16 * 2 ** 30

/** Called once a run, before its workers start: they inherit TMPDIR. One that is set stays. */
export function useMemoryFolder() {
  if (process.env.TMPDIR || !hasRoom()) return
  removeLeftOver()
  const folder = fs.mkdtempSync(path.join(MEMORY, `evenhand-tests-${process.pid}-`))
  // PostgreSQL runs as another account where the tests are run by root.
  fs.chmodSync(folder, 0o755)
  process.env.TMPDIR = folder
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
}

function hasRoom() {
  if (!fs.existsSync(MEMORY)) return false
  const { bavail, bsize } = fs.statfsSync(MEMORY)
  return bavail * bsize >= FREE_BYTES && os.totalmem() >= MACHINE_BYTES
}

/** Of runs that were killed. */
function removeLeftOver() {
  for (const name of fs.readdirSync(MEMORY)) {
    const [, pid] = /^evenhand-tests-(\d+)-/.exec(name) ?? []
    const folder = path.join(MEMORY, name)
    if (pid && !fs.existsSync(`/proc/${pid}`) && isOurs(folder))
      fs.rmSync(folder, { recursive: true, force: true })
  }
}

function isOurs(folder) {
  return fs.statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid()
}
