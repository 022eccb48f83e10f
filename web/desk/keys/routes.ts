import { Router, type Request } from 'express'
import {
  addKey,
  disableKey,
  listKeys,
  OVERLAP_HOURS,
  PER_MINUTE,
  rotateKey,
  type ApiKeyListed,
  type NewApiKey
} from '../../../core/access/api-keys.ts'
import type { Db } from '../../../platform/db/database.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { field, idParam } from '../shared/fields.ts'
import { actorOf, requireStaff } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { staffRoles } from '../shared/roles.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'

/**
 * API keys of other systems, for administrators. A secret is shown once, to be entered there; it is
 * not stored.
 */
export function keysRouter(options: WebContext, tools: PageTools): Router {
  const { db, settings, agency } = options
  const router = Router()
  const model = async (extra: { problem?: string; typed?: NewApiKey } = {}) => ({
    title: extra.problem ? 'Error: Keys' : 'Keys',
    current: '/desk/keys',
    keys: (await listKeys(db)).map(describe),
    departments: agency().departments.departments,
    problems: extra.problem ? [{ field: 'name', text: extra.problem }] : [],
    typed: extra.typed ?? { name: '', scopes: [], perMinute: PER_MINUTE }
  })
  router.use('/keys', requireStaff(staffRoles))
  router.get('/keys', async (request, response) =>
    showPage(tools, request, response, 'keys/keys', await model())
  )
  router.post('/keys', async (request, response) => {
    const typed = readKey(request, options)
    const added = await addKey(db, typed, actorOf(response)).catch(invalid)
    if ('problem' in added)
      return showPage(tools, request, response, 'keys/keys', {
        ...(await model({ problem: added.problem, typed })),
        status: 422
      })
    showPage(tools, request, response, 'keys/keys-secret', {
      title: 'Secret',
      current: '/desk/keys',
      name: typed.name,
      secret: added.secret,
      again: false
    })
  })
  router.post('/keys/:id/rotate', async (request, response) => {
    const id = idParam(request, 'id', 'KEY_UNKNOWN')
    const secret = await rotateKey(
      db,
      id,
      actorOf(response),
      Number(field(request, 'overlap', 10) || OVERLAP_HOURS)
    )
    showPage(tools, request, response, 'keys/keys-secret', {
      title: 'Secret',
      current: '/desk/keys',
      name: await nameOf(db, id),
      secret,
      again: true
    })
  })
  router.post('/keys/:id/disable', async (request, response) => {
    await disableKey(db, idParam(request, 'id', 'KEY_UNKNOWN'), actorOf(response))
    redirectWith(settings, response, '/desk/keys', 'key-disabled')
  })
  return router
}

function describe(key: ApiKeyListed) {
  const used = key.secrets
    .flatMap(({ lastUsedAt }) => lastUsedAt ?? [])
    .toSorted((a, b) => b.getTime() - a.getTime())[0]
  const ending = key.secrets
    .flatMap(({ expiresAt }) => expiresAt ?? [])
    .toSorted((a, b) => a.getTime() - b.getTime())
  return { ...key, used, ending }
}

/** One field per line: none, read or serve. */
function readKey(request: Request, { agency }: Pick<WebContext, 'agency'>): NewApiKey {
  const lines = ['*', ...agency().departments.departments.map(({ id }) => id)].flatMap((id) => {
    const kind = field(request, `line-${id}`, 10)
    return kind === 'read' || kind === 'serve' ? [`line:${kind}:${id}`] : []
  })
  const contacts = field(request, 'contacts', 10) === 'write' ? ['contacts:write'] : []
  return {
    name: field(request, 'name', 201),
    scopes: [...contacts, ...lines],
    perMinute: Number(field(request, 'perMinute', 10))
  }
}

async function nameOf(db: Db, id: string): Promise<string> {
  return (await listKeys(db)).find((key) => key.id === id)?.name ?? ''
}

function invalid(error: unknown): { problem: string } {
  if (error instanceof EvenhandError && error.code === 'KEY_INVALID')
    return { problem: error.message }
  throw error
}
