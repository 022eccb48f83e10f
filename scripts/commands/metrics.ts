import { Counter, Gauge, type Registry } from 'prom-client'
import { alertCounts } from '../../core/alerts.ts'
import { readingProgress } from '../../core/documents/progress.ts'
import type { Ground } from '../../core/ground.ts'
import { countWaiting } from '../../core/line/view.ts'
import { listQuarantine } from '../../core/quarantine.ts'

/** What an administrator watches: how many wait in each line and in quarantine, read when asked for. */
export function measureGround(ground: Ground, metrics: Registry): void {
  const waiting = new Gauge({
    name: 'evenhand_waiting_cases', help: 'Cases waiting in each department\'s line', labelNames: ['department'], registers: [metrics],
    async collect() {
      const departments = ground.agency().departments.departments.map(({ id }) => id)
      for (const [department, count] of await countWaiting(ground.db, departments)) waiting.set({ department }, count)
    }
  })
  const quarantined = new Gauge({
    name: 'evenhand_quarantined_contacts', help: 'Contacts waiting for a person', registers: [metrics],
    async collect() { quarantined.set((await listQuarantine(ground.db, 1)).total) }
  })
  const reading = new Gauge({
    name: 'evenhand_reading_contacts', help: 'Contacts whose faxes, letters or attachments are being read', registers: [metrics],
    async collect() { reading.set((await readingProgress(ground.db, { limit: 1 })).total) }
  })
  const alerts = new Counter({
    name: 'evenhand_alerts_total', help: 'What an administrator should look at, such as deliveries whose signature is not the provider\'s', labelNames: ['what'], registers: [metrics],
    collect() {
      this.reset()
      for (const [what, count] of alertCounts()) alerts.inc({ what }, count)
    }
  })
}
