import fs from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { Registry } from 'prom-client'
import { measureRuntime } from '../../cli/metrics.ts'
import { checkMailboxes } from '../../cli/doctor/mailboxes.ts'
import { openDovecot, type Dovecot } from '../helpers/dovecot.ts'
import { openGraph } from '../helpers/graph.ts'
import { openGraphAgency } from '../helpers/graph-agency.ts'
import { lyingMail, openAgency, stateOf, type Agency } from '../helpers/mailboxes.ts'
import { until } from '../helpers/until.ts'

let dovecot: Dovecot
beforeAll(async () => {
  dovecot = await openDovecot()
})
afterAll(() => dovecot.remove())

let agency: Agency
afterEach(() => agency.remove())

/** Ages are a machine's business. */
async function findings(): Promise<string[]> {
  const { runtime } = agency
  const checks = await checkMailboxes(runtime.db, runtime.settings, runtime.agency())
  return checks.map(({ name, state, finding }) =>
    `${state} ${name}: ${finding}`.replace(/\d+ \w+ ago/g, '… ago')
  )
}

test('what was taken and what went wrong is said of each mailbox', async () => {
  const file = dovecot.deliver('good', lyingMail(1))
  dovecot.deliver('good', lyingMail(2))
  dovecot.deliver('idle', lyingMail(3))
  fs.chmodSync(file, 0)
  agency = await openAgency(
    dovecot,
    { good: {}, idle: {}, wrong: {}, unset: {} },
    { MAILBOX_WRONG_PASSWORD: 'another', MAILBOX_UNSET_PASSWORD: '' }
  )
  expect(await findings()).toEqual([
    'warn mailbox good: nobody pulls it: 2 mails there, 2 not taken; never looked at',
    'warn mailbox idle: nobody pulls it: 1 mail there, 1 not taken; never looked at',
    expect.stringMatching(/^fail mailbox wrong: The mail server does not take the sign-in/),
    expect.stringMatching(/^fail mailbox unset: The environment has no secret.*never looked at/s)
  ])
  const running = await agency.pulling()
  for (const user of ['good', 'idle'])
    await until(async () => (await stateOf(agency, dovecot, user))?.lookedAt ?? false)
  await until(async () => (await stateOf(agency, dovecot, 'wrong'))?.failure ?? false)
  await running.stop()
  const [good, idle, wrong] = await findings()
  expect(good).toMatch(/^warn .*1 mail could not be taken: 2 mails there, 1 not taken; last mail/)
  expect(idle).toBe('ok mailbox idle: 1 mail there, 0 not taken; last mail taken … ago; no error')
  const registry = new Registry()
  measureRuntime(agency.runtime, registry)
  const figures = await registry.metrics()
  expect(figures).toContain('evenhand_mailbox_waiting_mails{mailbox="good"} 1')
  expect(figures).toContain('evenhand_mailbox_failing{mailbox="idle"} 0')
  expect(figures).toContain('evenhand_mailbox_failing{mailbox="wrong"} 1')
  expect(wrong).toMatch(/no mail taken yet; last error … ago: The mail server does not take/)
})

test('a mailbox at Microsoft 365 is told of in the same words', async () => {
  const graph = await openGraph()
  graph.folders.deliver(lyingMail(1))
  graph.folders.deliver(lyingMail(2))
  const graphAgency = await openGraphAgency(graph)
  agency = graphAgency
  expect(await findings()).toEqual([
    'warn mailbox hello: nobody pulls it: 2 mails there, 2 not taken; never looked at'
  ])
  await graphAgency.again()
  await graphAgency.looked()
  await graphAgency.stop()
  expect(await findings()).toEqual([
    'ok mailbox hello: 2 mails there, 0 not taken; last mail taken … ago; no error'
  ])
  graph.folders.permitted = false
  expect((await findings())[0]).toMatch(/^fail mailbox hello: .*permission Mail\.Read.*HTTP 403/)
  await graph.close()
})
