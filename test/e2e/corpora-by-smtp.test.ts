/**
 * Real mail, much of it hostile, through a real SMTP conversation into the running product, and out
 * of its lines again.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createTransport, type Transporter } from 'nodemailer'
import { findContactId, findDone, viewContact } from '../../core/contacts/find.ts'
import { openRuntime } from '../../core/open-runtime.ts'
import { createLog } from '../../platform/logger.ts'
import { corpusFile, countCases, hasCorpus } from '../helpers/corpora.ts'
import { testSettings } from '../helpers/runtime.ts'
import {
  runEvenhand,
  startEvenhand,
  stopEvenhand,
  temporaryFolder,
  type Running
} from '../helpers/running.ts'
import { untilNoneLeft } from '../helpers/until.ts'

const own = path.resolve('test/fixtures/email')
const files = [corpusFile('email'), own]
  .filter((folder) => existsSync(folder))
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.eml'))
      .map((name) => path.join(folder, name))
  )
  .toSorted()
const mailboxes = ['streets', 'water', 'parks', 'info']
/** Mailboxes that have a department of their own; mail to the others goes by what it says. */
const owners = new Set(['streets', 'water', 'parks'])

interface Shown {
  outcome: string
  department?: string
  trail: { step: string; reason: string }[]
  cases: { department: string }[]
}

describe(`the ${files.length} mails of ${hasCorpus('email') ? 'the corpora and our own fixtures' : 'our own fixtures (the corpora are not here)'}`, () => {
  const dataDir = temporaryFolder()
  let running: Running
  let mail: Transporter
  const receipts = new Map<string, string>()
  beforeAll(async () => {
    running = await startEvenhand(dataDir)
    mail = createTransport({
      host: '127.0.0.1',
      port: running.smtpPort,
      ignoreTLS: true,
      pool: true,
      maxConnections: 8,
      maxMessages: Infinity
    })
  })
  afterAll(async () => {
    mail.close()
    await stopEvenhand(running)
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })

  test('are all accepted, each with a receipt', async () => {
    await Promise.all(
      files.map(async (file, n) => {
        const { response } = (await mail.sendMail({
          envelope: {
            from: `sender${n}@people.example`,
            to: `${mailboxes[n % mailboxes.length]}@willowcreek.example`
          },
          raw: readFileSync(file)
        })) as { response: string }
        receipts.set(file, /receipt (\S+)/.exec(response)![1]!)
      })
    )
    expect(receipts.size).toBe(files.length)
    if (hasCorpus('email')) countCases('mails by SMTP', files.length)
  })

  test('each end as case, follow-up, auto-reply, bounce, duplicate or quarantine, with a reason, and cases stand in the right line', async () => {
    const shown = await settled([...new Set(receipts.values())], dataDir)
    const counts: Record<string, number> = {}
    for (const [n, file] of files.entries()) {
      const one = shown.get(receipts.get(file)!)!
      counts[one.outcome] = (counts[one.outcome] ?? 0) + 1
      expect(['case', 'follow-up', 'auto-reply', 'bounce', 'duplicate', 'quarantined']).toContain(
        one.outcome
      )
      expect(one.trail.at(-1)?.reason ?? '').not.toBe('')
      const mailbox = mailboxes[n % mailboxes.length]!
      if (one.outcome === 'case' && owners.has(mailbox))
        expect(one.cases.map(({ department }) => department)).toContain(mailbox)
    }
    process.stderr.write(`mails by SMTP: ${JSON.stringify({ cases: files.length, ...counts })}\n`)
    expect(counts['case']).toBeGreaterThan(0)
  })

  test('come out of a line in the order of their arrival, and the ledger proves it', async () => {
    const line = JSON.parse(
      (await runEvenhand(['line', 'water', '--json'], { DATA_DIR: dataDir })).stdout
    ) as { cases: { caseId: string; arrivedAt: string; ordinal: number }[] }
    const places = line.cases.map(
      ({ arrivedAt, ordinal }) => [Date.parse(arrivedAt), ordinal] as const
    )
    expect(places).toEqual(places.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]))
    const taken = JSON.parse(
      (await runEvenhand(['take', 'water', '--json'], { DATA_DIR: dataDir })).stdout
    ) as { caseId: string }
    expect(taken.caseId).toBe(line.cases[0]!.caseId)
    const audit = await runEvenhand(['audit', 'verify', '--json'], { DATA_DIR: dataDir })
    expect(JSON.parse(audit.stdout)).toMatchObject({
      ok: true,
      overtakes: 0,
      takes: 1,
      problems: []
    })
  })

  test('leave the process standing, its heap within bounds', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${running.webPort}/metrics`)).text()
    const heap = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)![1])
    process.stderr.write(`heap after ${files.length} mails: ${Math.round(heap / 1024 ** 2)} MB\n`)
    expect(heap).toBeLessThan(300 * 1024 ** 2)
    expect(running.child.exitCode).toBeNull()
  })
})

/** Every receipt as `evenhand show` tells it, once nothing is being read any more. */
async function settled(receipts: string[], dataDir: string): Promise<Map<string, Shown>> {
  const runtime = await openRuntime(testSettings({ DATA_DIR: dataDir }), {
    log: createLog('silent')
  })
  try {
    const ids: string[] = []
    for (const receipt of receipts) ids.push(await findContactId(runtime.db, receipt))
    await untilNoneLeft(async () => ids.length - (await findDone(runtime.db, ids)).size)
    const shown = new Map<string, Shown>()
    for (const id of ids) {
      const view = await viewContact(runtime.db, id)
      shown.set(view.receipt, view as unknown as Shown)
    }
    return shown
  } finally {
    await runtime.close()
  }
}
