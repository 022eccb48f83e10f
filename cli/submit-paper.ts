/**
 * `evenhand submit --channel postal`: the files are one batch, stamped now; each letter in it
 * becomes a contact.
 */
import os from 'node:os'
import path from 'node:path'
import { sha256 } from '../platform/storage/blob-store.ts'
import { findDone, viewContact } from '../core/contacts/find.ts'
import { closeReaders } from '../core/documents/read.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import { addScan } from '../core/mailroom/scans.ts'
import { finishScanning } from '../core/mailroom/scanning.ts'
import { openMailroom } from '../core/mailroom/open.ts'
import { logTray } from '../core/mailroom/tray.ts'
import { batchProgress } from '../core/mailroom/view.ts'
import type { BatchView } from '../core/mailroom/types.ts'
import { readInput } from './files.ts'
import { work } from './processing.ts'
import { print, printJson, say } from './shared.ts'

interface Options {
  wait?: boolean
  json?: boolean
}

const POLL_EVERY_MS = 100

export async function submitPaper(
  runtime: OpenRuntime,
  files: readonly string[],
  options: Options
): Promise<void> {
  const { batchId, repeated } = await handIn(runtime, files)
  if (!options.wait) {
    const { batch } = (await openMailroom(runtime).viewBatch(batchId))!
    if (options.json)
      printJson({
        batch: batchId,
        channel: 'postal',
        receivedAt: batch.receivedAt,
        scans: files.length,
        repeated
      })
    else print(`batch ${batchId}${repeated ? '  (handed in before)' : ''}`)
    return
  }
  const workers = work(runtime)
  try {
    const view = await untilSorted(runtime, batchId)
    if (view.batch.state === 'released') await followLetters(runtime, view, options)
    else reportHeld(view, options)
  } finally {
    await workers.stop()
    await closeReaders()
  }
}

/** The same files again are the same batch: a command that was cut off is simply run again. */
async function handIn(
  runtime: Runtime,
  files: readonly string[]
): Promise<{ batchId: string; repeated: boolean }> {
  const { db, blobs } = runtime
  const actor = `cli:${os.userInfo().username}`
  const names: string[] = []
  for (const file of files) names.push(`${path.basename(file)} ${sha256(await readInput(file))}`)
  const origin = `submit/${sha256(Buffer.from(names.join('\n')))}`
  const { id: batchId, state } = await logTray(db, runtime.agency(), { actor, origin })
  if (state !== 'scanning') return { batchId, repeated: true }
  for (const file of files)
    await addScan(db, blobs, batchId, {
      name: path.basename(file),
      bytes: await readInput(file),
      actor
    })
  await finishScanning(runtime, batchId, actor)
  return { batchId, repeated: false }
}

async function untilSorted(runtime: OpenRuntime, batchId: string): Promise<BatchView> {
  let shown = ''
  runtime.queues.enqueue('mailroom', [batchId])
  for (;;) {
    const progress = (await batchProgress(runtime.db, batchId))!
    const line = `batch ${batchId}: ${progress.pagesRead} of ${progress.pagesTotal} pages read`
    if (line !== shown && progress.pagesTotal > 0) say((shown = line))
    if (progress.state === 'released' || progress.state === 'held')
      return (await openMailroom(runtime).viewBatch(batchId))!
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_EVERY_MS)
    })
  }
}

/**
 * A line for each letter, in the order of the stack, once it is in its line or waits for a person.
 */
async function followLetters(
  runtime: Pick<Runtime, 'db' | 'queues'>,
  { batch, letters }: BatchView,
  { json }: Options
): Promise<void> {
  const open = new Set(letters.flatMap(({ contactId }) => contactId ?? []))
  runtime.queues.enqueue('read', [...open])
  while (open.size > 0) {
    for (const id of await findDone(runtime.db, [...open])) open.delete(id)
    if (open.size > 0)
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_EVERY_MS)
      })
  }
  for (const letter of letters) {
    if (!letter.contactId) continue
    const contact = await viewContact(runtime.db, letter.contactId)
    if (json)
      printJson({
        ...contact,
        batch: batch.id,
        letter: letter.number,
        sheets: letter.positions.length
      })
    else
      print(
        `${contact.receipt}  ${contact.outcome ?? ''}${contact.department ? `  ${contact.department}` : ''}${contact.place ? `  place ${contact.place}` : ''}`
      )
  }
}

function reportHeld({ batch }: BatchView, { json }: Options): void {
  if (json)
    printJson({
      batch: batch.id,
      channel: 'postal',
      outcome: 'held',
      problems: batch.problems,
      account: batch.pageCount,
      letters: batch.letters
    })
  else
    print(
      `batch ${batch.id} waits for a person in the mailroom:\n${batch.problems.map((problem) => `  ${problem}`).join('\n')}`
    )
}
