import { Router } from 'express'
import { EvenhandError } from '../core/errors.ts'
import { field, idParam } from './fields.ts'
import { sendFile } from './files.ts'
import { actorOf, requireStaff } from './gate.ts'
import type { HttpOptions } from './http-options.ts'
import { quarantineRoles, redirectWith, showPage, type PageTools } from './pages.ts'

/** What waits for a person because a machine must not decide. Its place in line is kept meanwhile. */
export function quarantineRouter({ desk, settings }: HttpOptions, tools: PageTools): Router {
  const router = Router()
  router.use('/quarantine', requireStaff(quarantineRoles))
  router.get('/quarantine', async (request, response) => {
    const { total, contacts } = await desk.listQuarantine()
    showPage(tools, request, response, 'quarantine', { title: 'Quarantine', current: '/desk/quarantine', total, contacts, age: (since: Date) => formatAge(Date.now() - since.getTime()) })
  })
  router.get('/quarantine/:id/original', async (request, response) => {
    const id = idParam(request, 'id', 'NOT_FOUND')
    const { contacts } = await desk.listQuarantine()
    if (!contacts.some(({ contactId }) => contactId === id)) throw new EvenhandError('CONTACT_NOT_QUARANTINED')
    sendFile(response, await desk.original(id))
  })
  router.post('/quarantine/:id/release', async (request, response) => {
    const done = await desk.release(idParam(request, 'id', 'NOT_FOUND'), actorOf(response), field(request, 'reason')).then(() => 'released' as const, refusal)
    redirectWith(settings, response, '/desk/quarantine', done)
  })
  return router
}

function refusal(error: unknown) {
  if (error instanceof EvenhandError && error.status < 500) return error.code
  throw error
}

/** "3 days", "5 hours", "12 minutes": how long it has waited. */
function formatAge(ms: number): string {
  const units = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]] as const
  const [unit, size] = units.find(([, least]) => ms >= least) ?? ['minute', 60_000]
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(Math.floor(ms / size))
}
