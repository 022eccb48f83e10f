/** `evenhand submit --channel postal`: the files are one batch, stamped now; each letter in it becomes a contact. */
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { sha256 } from '../../core/blobs.ts'
import { findDone, viewContact } from '../../core/contacts.ts'
import { closeReaders } from '../../core/documents/read.ts'
import type { Ground } from '../../core/ground.ts'
import { addScan } from '../../core/mailroom/scans.ts'
import { finishScanning } from '../../core/mailroom/scanning.ts'
import { openMailroom } from '../../core/mailroom/open.ts'
import { logTray } from '../../core/mailroom/tray.ts'
import { batchProgress } from '../../core/mailroom/view.ts'
import type { BatchView } from '../../core/mailroom/types.ts'
import { work } from './processing.ts'
import { print, printJson, say } from './shared.ts'

interface Options { wait?: boolean; json?: boolean }

const POLL_EVERY_MS = 100

export async function submitPaper(ground: Ground, files: readonly string[], options: Options): Promise<void> {
  const { batchId, repeated } = await handIn(ground, files)
  if (!options.wait) {
    const { batch } = (await openMailroom(ground).viewBatch(batchId))!
    if (options.json) printJson({ batch: batchId, channel: 'postal', receivedAt: batch.receivedAt, scans: files.length, repeated })
    else print(`batch ${batchId}${repeated ? '  (handed in before)' : ''}`)
    return
  }
  const workers = work(ground)
  try {
    const view = await untilSorted(ground, batchId)
    if (view.batch.state === 'released') await followLetters(ground, view, options)
    else reportHeld(view, options)
  } finally {
    await workers.stop()
    await closeReaders()
  }
}

/** The same files again are the same batch: a command that was cut off is simply run again. */
async function handIn(ground: Ground, files: readonly string[]): Promise<{ batchId: string; repeated: boolean }> {
  const { db, blobs } = ground
  const actor = `cli:${os.userInfo().username}`
  const names: string[] = []
  for (const file of files) names.push(`${path.basename(file)} ${sha256(await fs.readFile(file))}`)
  const origin = `submit/${sha256(Buffer.from(names.join('\n')))}`
  const { id: batchId, state } = await logTray(db, ground.agency(), { actor, origin })
  if (state !== 'scanning') return { batchId, repeated: true }
  for (const file of files) await addScan(db, blobs, batchId, { name: path.basename(file), bytes: await fs.readFile(file), actor })
  await finishScanning(ground, batchId, actor)
  return { batchId, repeated: false }
}

async function untilSorted(ground: Ground, batchId: string): Promise<BatchView> {
  let shown = ''
  ground.queues.hand('mailroom', [batchId])
  for (;;) {
    const progress = (await batchProgress(ground.db, batchId))!
    const line = `batch ${batchId}: ${progress.pagesRead} of ${progress.pagesTotal} pages read`
    if (line !== shown && progress.pagesTotal > 0) say(shown = line)
    if (progress.state === 'released' || progress.state === 'held') return (await openMailroom(ground).viewBatch(batchId))!
    await new Promise((resolve) => { setTimeout(resolve, POLL_EVERY_MS) })
  }
}

/** A line for each letter, in the order of the stack, once it is in its line or waits for a person. */
async function followLetters(ground: Ground, { batch, letters }: BatchView, { json }: Options): Promise<void> {
  const open = new Set(letters.flatMap(({ contactId }) => contactId ?? []))
  ground.queues.hand('read', [...open])
  while (open.size > 0) {
    for (const id of await findDone(ground.db, [...open])) open.delete(id)
    if (open.size > 0) await new Promise((resolve) => { setTimeout(resolve, POLL_EVERY_MS) })
  }
  for (const letter of letters) {
    if (!letter.contactId) continue
    const contact = await viewContact(ground.db, letter.contactId)
    if (json) printJson({ ...contact, batch: batch.id, letter: letter.number, sheets: letter.positions.length })
    else print(`${contact.receipt}  ${contact.outcome ?? ''}${contact.department ? `  ${contact.department}` : ''}${contact.place ? `  place ${contact.place}` : ''}`)
  }
}

function reportHeld({ batch }: BatchView, { json }: Options): void {
  if (json) printJson({ batch: batch.id, channel: 'postal', outcome: 'held', problems: batch.problems, account: batch.account, letters: batch.letters })
  else print(`batch ${batch.id} waits for a person in the mailroom:\n${batch.problems.map((problem) => `  ${problem}`).join('\n')}`)
}
