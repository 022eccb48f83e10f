import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openGraph, type Graph } from '../helpers/graph.ts'
import { openGraphAgency, type GraphAgency } from '../helpers/graph-agency.ts'
import { lyingMail, startPulling } from '../helpers/mailboxes.ts'
import { killEvenhand } from '../helpers/running.ts'
import { until, untilNoneLeft } from '../helpers/until.ts'

/**
 * A kill for each batch (pullLimits.batch). MAILBOX_MAILS=10000 MAILBOX_KILLS=20 is the size of an
 * office's mailbox, and takes nine minutes.
 */
const MAILS = Number(process.env['MAILBOX_MAILS'] ?? 300)
const KILLS = Number(process.env['MAILBOX_KILLS'] ?? 6)
/** Of so many questions, one is answered by 429. */
const ONE_IN = 53

let graph: Graph
let agency: GraphAgency
let waits = 0
beforeAll(async () => {
  graph = await openGraph()
  let questions = 0
  graph.trouble = () => {
    questions += 1
    if (questions % ONE_IN !== 0) return undefined
    waits += 1
    return { status: 429, headers: { 'retry-after': '1' } }
  }
  agency = await openGraphAgency(graph)
})
afterAll(async () => {
  await agency.remove()
  await graph.close()
})

async function count(): Promise<number> {
  const { taken } = await agency.runtime.db
    .selectFrom('contacts')
    .select(({ fn }) => fn.countAll<string>().as('taken'))
    .executeTakeFirstOrThrow()
  return Number(taken)
}

/** Kills the process once it has taken some more; where that is, is a machine's business. */
async function killAfter(taken: number): Promise<void> {
  const child = startPulling(agency)
  await until(async () => (await count()) >= taken, { everyMs: 30 })
  await killEvenhand({ child })
}

test(`${MAILS} mails are drained through ${KILLS} kills and waits: each once, oldest first`, async () => {
  const start = Date.UTC(2026, 11, 1)
  const ids = Array.from({ length: MAILS }, (_, index) =>
    graph.folders.deliver(lyingMail(index + 1), { received: new Date(start + index * 1000) })
  )
  for (let kill = 1; kill <= KILLS; kill++) await killAfter((kill * MAILS) / (KILLS + 2) + kill)
  const child = startPulling(agency)
  await untilNoneLeft(async () => MAILS - (await count()))
  await until(async () => (await agency.state())?.waiting === 0)
  await killEvenhand({ child })
  const taken = await agency.contacts()
  expect(taken.map(({ evidence }) => evidence['graphId'])).toEqual(ids)
  expect(waits).toBeGreaterThan(MAILS / ONE_IN - 1)
})
