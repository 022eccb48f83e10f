import { expect } from '@jest/globals'
import { createHash } from 'node:crypto'
import type { AnyChannel, StoredRaw, Translation } from '../../core/intake/channel.ts'
import { draftSchema } from '../../core/envelope.ts'
import { EvenhandError } from '../../platform/errors.ts'

/**
 * Translates twice, over a raw contact that nothing may change, and checks the answer against the
 * schema.
 */
export async function expectPure(
  channel: AnyChannel,
  raw: StoredRaw
): Promise<Translation[] | undefined> {
  const before = Buffer.from(raw.bytes)
  const first = await translated(channel, frozen(raw))
  const second = await translated(channel, frozen(raw))
  expect(second).toEqual(first)
  expect(before.equals(raw.bytes)).toBe(true)
  if ('code' in first) return undefined
  for (const { envelope, contents } of first.translations) {
    expect(draftSchema.parse(envelope)).toEqual(envelope)
    expect(envelope.channel).toBe(channel.kind)
    expect(
      contents.map((content) => ({
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex')
      }))
    ).toEqual(envelope.documents.map(({ bytes, sha256 }) => ({ bytes, sha256 })))
  }
  return first.translations
}

async function translated(
  channel: AnyChannel,
  raw: StoredRaw
): Promise<{ translations: Translation[] } | { code: string }> {
  try {
    return { translations: await channel.translate(raw) }
  } catch (error) {
    // Anything else a reader throws becomes READ_UNPARSEABLE in the thread it runs in.
    return { code: error instanceof EvenhandError ? error.code : 'READ_UNPARSEABLE' }
  }
}

function frozen(raw: StoredRaw): StoredRaw {
  const { bytes, ...rest } = raw
  return Object.freeze({ ...deepFreeze(structuredClone(rest)), bytes })
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const entry of Object.values(value)) deepFreeze(entry)
    Object.freeze(value)
  }
  return value
}
