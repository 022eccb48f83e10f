/** Conditions of statements on the channel of a contact, by its traits. */
import { sql, type RawBuilder } from 'kysely'
import { channelsWith, type ChannelTraits } from './traits.ts'

/**
 * SQL: whether the column holds a channel whose traits pass. The names stand in the statement, so
 * that an index for one of them is used. @param column as in `contacts.channel`
 */
export function hasChannelWith(
  column: string,
  isSo: (traits: ChannelTraits) => boolean
): RawBuilder<boolean> {
  const kinds = channelsWith(isSo)
  return kinds.length === 0
    ? sql`false`
    : sql`${sql.ref(column)} in (${sql.join(kinds.map((kind) => sql.lit(kind)))})`
}

/** SQL: whether the column holds a channel that carries short messages both ways. */
export function converses(column: string): RawBuilder<boolean> {
  return hasChannelWith(column, ({ conversation }) => conversation === true)
}
