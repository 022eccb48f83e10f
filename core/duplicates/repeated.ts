/**
 * Whether the same words may tell of something that happened again. "The bin was not emptied today",
 * sent again next week by the same person, is a new matter; sent twice in an hour it is one.
 */
import { isDayWord } from './decisive-words.ts'

/**
 * Hours after which the same words are no proof of one matter any more: long enough for a mail that
 * is sent again by web form, text or fax, shorter than anything that comes weekly.
 */
const ONE_CASE_HOURS = 72
/** The same where the words speak of a day: less than from one morning to the next. */
const SAME_DAY_HOURS = 12

/** Why it may have happened again; undefined where the time speaks for one matter. */
export function doubtByTime(hoursApart: number, words: readonly string[]): string | undefined {
  if (hoursApart > ONE_CASE_HOURS) return 'sent days later: it may have happened again'
  return hoursApart > SAME_DAY_HOURS && words.some(isDayWord)
    ? 'it speaks of a day, and was sent on another'
    : undefined
}
