/**
 * The program of one reader process. It translates the sets it is given, one contact after the
 * other, and ends when its parent does.
 */
import { flushCompileCache } from 'node:module'
import type { StoredRaw } from '../intake/channel.ts'
import { endWithParent } from '../../platform/end-with-parent.ts'

endWithParent()
// Parsers may leave rejected promises behind when content is broken. The contact's own reading
// still ends, or runs into its time limit.
process.on('unhandledRejection', () => undefined)

const { default: translate } = (await import(process.argv[2]!)) as {
  default(raw: StoredRaw): unknown
}

async function translateSet(raws: readonly StoredRaw[]): Promise<unknown[]> {
  const replies: unknown[] = []
  for (const raw of raws) replies.push(await translate(raw))
  return replies
}

process.on('message', (raws: StoredRaw[]) => {
  // The process ends without a message, because a parser's error may quote what the resident wrote.
  translateSet(raws).then(
    (replies) => process.send?.({ replies }, keepCompiled),
    () => process.exit(1)
  )
})
let kept = false

/** After the first set, as a reader is killed at its end and could keep nothing then. */
function keepCompiled(): void {
  if (!kept) flushCompileCache()
  kept = true
}

process.send?.({ ready: true })
