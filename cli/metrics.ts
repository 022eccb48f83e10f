import { Counter, Gauge, type Registry } from 'prom-client'
import { mailboxLocation } from '../config/mailboxes.ts'
import { isFailing, mailboxStates, type MailboxState } from '../core/intake/mailbox-records.ts'
import { alertCounts } from '../platform/alerts.ts'
import { readingProgress } from '../core/documents/progress.ts'
import type { Runtime } from '../core/runtime.ts'
import { countReopened, countWaiting } from '../core/line/view.ts'
import type { LoopWatch } from '../platform/event-loop-watch.ts'
import { listQuarantine } from '../core/contacts/quarantine.ts'

/**
 * What an administrator watches: how many wait in each line and in quarantine, read when asked for.
 */
export function measureRuntime(runtime: Pick<Runtime, 'agency' | 'db'>, metrics: Registry): void {
  const waiting = new Gauge({
    name: 'evenhand_waiting_cases',
    help: "Cases waiting in each department's line",
    labelNames: ['department'],
    registers: [metrics],
    async collect() {
      const departments = runtime.agency().departments.departments.map(({ id }) => id)
      for (const [department, count] of await countWaiting(runtime.db, departments))
        waiting.set({ department }, count)
    }
  })
  const quarantined = new Gauge({
    name: 'evenhand_quarantined_contacts',
    help: 'Contacts waiting for a person',
    registers: [metrics],
    async collect() {
      quarantined.set((await listQuarantine(runtime.db, 1)).total)
    }
  })
  const reopened = new Gauge({
    name: 'evenhand_reopened_cases',
    help: 'Ended cases that came back into a line: by staff at their first place, by a later message at its place',
    labelNames: ['by'],
    registers: [metrics],
    async collect() {
      for (const [by, count] of Object.entries(await countReopened(runtime.db)))
        reopened.set({ by }, count)
    }
  })
  const reading = new Gauge({
    name: 'evenhand_reading_contacts',
    help: 'Contacts whose faxes, letters or attachments are being read',
    registers: [metrics],
    async collect() {
      reading.set((await readingProgress(runtime.db, { limit: 1 })).total)
    }
  })
  const mailboxes = new Gauge({
    name: 'evenhand_mailbox_waiting_mails',
    help: 'Mails that lie in a mailbox and were not taken when it was last looked at',
    labelNames: ['mailbox'],
    registers: [metrics],
    collect: () =>
      eachMailbox(runtime, (id, state) => mailboxes.set({ mailbox: id }, state.waiting))
  })
  const failing = new Gauge({
    name: 'evenhand_mailbox_failing',
    help: '1 while a mailbox cannot be pulled',
    labelNames: ['mailbox'],
    registers: [metrics],
    collect: () =>
      eachMailbox(runtime, (id, state) => failing.set({ mailbox: id }, Number(isFailing(state))))
  })
  const alerts = new Counter({
    name: 'evenhand_alerts_total',
    help: "What an administrator should look at, such as deliveries whose signature is not the provider's",
    labelNames: ['what'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [what, count] of alertCounts()) alerts.inc({ what }, count)
    }
  })
}

async function eachMailbox(
  { agency, db }: Pick<Runtime, 'agency' | 'db'>,
  show: (id: string, state: MailboxState) => void
): Promise<void> {
  const mailboxes = agency().mailboxes ?? []
  const states = await mailboxStates(db, mailboxes.map(mailboxLocation))
  for (const mailbox of mailboxes) {
    const state = states.get(mailboxLocation(mailbox))
    if (state) show(mailbox.id, state)
  }
}

/** How long what waits for the main thread waits, and how often it waited too long. */
export function measureLoop(watch: LoopWatch, metrics: Registry): void {
  const delay = new Gauge({
    name: 'evenhand_event_loop_delay_seconds',
    help: 'Delay of the event loop in the last one to two minutes: the longest (1), and what 99 of 100 stayed below',
    labelNames: ['quantile'],
    registers: [metrics],
    collect() {
      const { maxMs, p99Ms } = watch.delays()
      delay.set({ quantile: '1' }, maxMs / 1000)
      delay.set({ quantile: '0.99' }, p99Ms / 1000)
    }
  })
  const stalls = new Counter({
    name: 'evenhand_event_loop_stalls_total',
    help: 'Delays of more than 200 ms: computing of our own, or waiting for a machine that had other things to do',
    labelNames: ['cause'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [cause, count] of Object.entries(watch.stalls)) stalls.inc({ cause }, count)
    }
  })
}
