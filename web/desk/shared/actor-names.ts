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

/**
 * Who acted, in words: a name, or what stands for one. "cli:root" is "command line (root)".
 * @param actor as the ledger calls them
 */
export function nameActor(names: ReadonlyMap<string, string>, actor: string): string {
  const [kind, whose = ''] = actor.split(/:(.*)/s)
  const name = names.get(actor)
  if (name !== undefined) return name
  if (kind === 'cli') return `command line (${whose})`
  if (kind === 'system' || kind === 'machine') return 'the program'
  return kind === 'key' ? 'another system' : actor
}
