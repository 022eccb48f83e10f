/** Finds a folder of a mailbox by the names that are shown. */
import { z } from 'zod'
import { EvenhandError } from '../../../platform/errors.ts'
import type { GraphClient } from './graph-client.ts'

const folderId = z.string().min(1).max(1_000)
const found = z.object({ value: z.array(z.object({ id: folderId })).max(100) })

/**
 * The id of a folder, such as of `Inbox/Permits`. The inbox has a name that is the same in every
 * language (mailFolder, "well-known folder names").
 * @throws EvenhandError MAILBOX_*
 */
export async function findFolder(client: GraphClient, path: string): Promise<string> {
  const [first, ...rest] = path.split('/')
  let id =
    first!.toLowerCase() === 'inbox'
      ? (await client.json(client.url('/mailFolders/inbox?$select=id'), z.object({ id: folderId })))
          .id
      : await findAmong(client, '/mailFolders', first!)
  for (const name of rest)
    id = await findAmong(client, `/mailFolders/${encodeURIComponent(id)}/childFolders`, name)
  return id
}

async function findAmong(client: GraphClient, among: string, name: string): Promise<string> {
  const filter = encodeURIComponent(`displayName eq '${name.replaceAll("'", "''")}'`)
  const { value } = await client.json(client.url(`${among}?$select=id&$filter=${filter}`), found)
  if (!value[0]) throw new EvenhandError('MAILBOX_FOLDER', 'there is none of this name')
  return value[0].id
}
