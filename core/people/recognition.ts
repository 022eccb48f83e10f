/**
 * What recognising people needs from the configuration and the register. It is cached for a minute,
 * so that settling a set need not load it.
 */
import { recognitionOf } from '../../config/schema.ts'
import type { Runtime } from '../runtime.ts'
import type { Model } from '../matching/model.ts'
import { currentModel } from '../matching/models.ts'
import type { Protection } from '../matching/protect.ts'
import type { MatchContext } from './mention.ts'

/**
 * How long a model is used before a newer one is looked for, in ms. Weights differ little from one
 * to the next.
 */
const KEPT_MS = 60_000

/** Returns a function that gives what is now in force; its first call loads the model. */
export function openRecognition(
  runtime: Pick<Runtime, 'db' | 'agency' | 'secret'>
): () => Promise<MatchContext & { windowHours: number }> {
  let known: { readonly model: Model; readonly until: number } | undefined
  let loading: Promise<Model> | undefined
  const load = async () => {
    const model = await currentModel(runtime.db)
    known = { model, until: Date.now() + KEPT_MS }
    return model
  }
  return async () => {
    if (!known || known.until < Date.now())
      loading ??= load().finally(() => {
        loading = undefined
      })
    // The old model is used while a newer one is loaded.
    const model = known?.model ?? (await loading!)
    if (loading && known) loading.catch(() => undefined)
    const { country, duplicateDays } = recognitionOf(runtime.agency().departments)
    return { model, protection: protectionOf(runtime), country, windowHours: duplicateDays * 24 }
  }
}

/** How the register stores what identifies people, as configured. */
export function protectionOf({ agency, secret }: Pick<Runtime, 'agency' | 'secret'>): Protection {
  return recognitionOf(agency().departments).keep === 'hashes'
    ? { kind: 'hashed', secret: secret('register') }
    : { kind: 'plain' }
}
