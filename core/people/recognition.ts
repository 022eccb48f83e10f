/** What recognising people needs, from the configuration and the register: kept for a minute, so that settling a set asks for nothing. */
import { recognitionOf } from '../../config/schema.ts'
import { anyTables } from '../db/database.ts'
import type { Ground } from '../ground.ts'
import type { Model } from '../matching/model.ts'
import { currentModel } from '../matching/models.ts'
import type { Protection } from '../matching/protect.ts'
import type { Means } from './recognise.ts'

/** How long a model is used before a newer one is looked for, in ms; weights move little from one to the next. */
const KEPT_MS = 60_000

/** Answers the means in force now; the first call loads the model. */
export function openRecognition(ground: Pick<Ground, 'db' | 'agency' | 'secret'>): () => Promise<Means & { windowHours: number }> {
  let known: { readonly model: Model; readonly until: number } | undefined
  let loading: Promise<Model> | undefined
  const load = async () => {
    const model = await currentModel(anyTables(ground.db))
    known = { model, until: Date.now() + KEPT_MS }
    return model
  }
  return async () => {
    if (!known || known.until < Date.now()) loading ??= load().finally(() => { loading = undefined })
    // The old one serves while a newer one is loaded.
    const model = known?.model ?? await loading!
    if (loading && known) loading.catch(() => undefined)
    const { country, duplicateDays } = recognitionOf(ground.agency().departments)
    return { model, protection: protectionOf(ground), country, windowHours: duplicateDays * 24 }
  }
}

/** How the register keeps what identifies people, as configured. */
export function protectionOf({ agency, secret }: Pick<Ground, 'agency' | 'secret'>): Protection {
  return recognitionOf(agency().departments).keep === 'hashes' ? { kind: 'hashed', secret: secret('register') } : { kind: 'plain' }
}
