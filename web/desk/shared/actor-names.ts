import { listKeys } from '../../../core/access/api-keys.ts'
import type { WebContext } from '../../context.ts'

/** Names of staff and of other systems' keys, by how the ledger calls them. */
export async function actorNames({
  staff,
  db
}: Pick<WebContext, 'staff' | 'db'>): Promise<ReadonlyMap<string, string>> {
  const [people, keys] = await Promise.all([staff.names(), listKeys(db)])
  return new Map([...people, ...keys.map(({ actor, name }) => [actor, name] as const)])
}
