/**
 * What recognising people needs from the configuration and the register. It is cached for a minute,
 * so that settling a set need not load it.
 */
import { recognitionOf } from '../../config/schema.ts'
import { staffAddresses } from '../access/staff.ts'
import type { Runtime } from '../runtime.ts'
import type { Model } from '../matching/model.ts'
import { currentModel } from '../matching/models.ts'
import type { Protection } from '../matching/protect.ts'
import type { MatchContext } from './mention.ts'
import { ownAddresses } from './own-addresses.ts'

/**
 * How long a model is used before a newer one is looked for, in ms. Weights differ little from one
 * to the next.
 */
const KEPT_MS = 60_000

interface Known {
  readonly model: Model
  /** Addresses of staff. */
  readonly accounts: readonly string[]
}

/** Returns a function that gives what is now in force; its first call loads the model. */
export function openRecognition(
  runtime: Pick<Runtime, 'db' | 'agency' | 'secret'>
): () => Promise<MatchContext & { windowHours: number }> {
  let known: (Known & { readonly until: number }) | undefined
  let loading: Promise<Known> | undefined
  const load = async () => {
    const [model, accounts] = [await currentModel(runtime.db), await staffAddresses(runtime.db)]
    known = { model, accounts, until: Date.now() + KEPT_MS }
    return known
  }
  return async () => {
    if (!known || known.until < Date.now())
      loading ??= load().finally(() => {
        loading = undefined
      })
    // The old one is used while a newer one is loaded.
    const { model, accounts } = known ?? (await loading!)
    if (loading && known) loading.catch(() => undefined)
    const { country, duplicateDays } = recognitionOf(runtime.agency().departments)
    return {
      model,
      protection: protectionOf(runtime),
      country,
      isOwnAddress: ownAddresses(runtime.agency(), accounts),
      windowHours: duplicateDays * 24
    }
  }
}

/** How the register stores what identifies people, as configured. */
export function protectionOf({ agency, secret }: Pick<Runtime, 'agency' | 'secret'>): Protection {
  return recognitionOf(agency().departments).keep === 'hashes'
    ? { kind: 'hashed', secret: secret('register') }
    : { kind: 'plain' }
}
