import { decodeText } from './charsets.ts'
import { contentLines, unescaped, type Line } from './content-lines.ts'
import { cut } from './headers.ts'
import { readLimits } from './limits.ts'
import type { NamedBytes } from './parts.ts'

/** Events read from one calendar; a series is one. */
const EVENTS = 20
/** Characters read of a calendar. */
const CALENDAR_LENGTH = 500_000

/** An invitation in words; empty for any other part. */
export function invitation(part: NamedBytes): string {
  return isCalendar(part) ? calendarText(sourceOf(part)).trim() : ''
}

/** What an invitation is for (RFC 5546 section 1.4). */
export type Invitation = 'REQUEST' | 'CANCEL' | 'REPLY'

function isCalendar({ mediaType, fileName }: NamedBytes): boolean {
  return mediaType === 'text/calendar' || /\.ics$/i.test(fileName)
}

function sourceOf({ bytes, charset }: NamedBytes): string {
  return decodeText(bytes.subarray(0, readLimits.calendarBytes), charset || 'utf-8')
}

/**
 * An invitation (RFC 5545) in words: what, where, when (in the time zone it names), and its
 * description. Parsed by our own code, because libraries with permissive licences read times
 * without a zone as UTC. Empty if there is no event.
 */
export function calendarText(source: string): string {
  const lines = contentLines(source.slice(0, CALENDAR_LENGTH))
  const method = methodIn(source)
  return eventsOf(lines)
    .map((event) => describe(event, method))
    .filter(Boolean)
    .join('\n\n')
}

/** The method of a calendar, in capitals: a short line, which no program folds. */
function methodIn(source: string): string {
  const [, value = ''] =
    /^METHOD(?:;[^:\r\n]{0,200})?:([^\r\n]{0,100})/im.exec(source.slice(0, CALENDAR_LENGTH)) ?? []
  return value.trim().toUpperCase()
}

/** What the first invitation among parts asks: to come, not to come, or how somebody answered. */
export function invitationMethod(parts: readonly NamedBytes[]): Invitation | undefined {
  for (const part of parts) {
    if (!isCalendar(part)) continue
    const method = methodIn(sourceOf(part))
    if (method === 'REQUEST' || method === 'CANCEL' || method === 'REPLY') return method
  }
  return undefined
}

// Skips alarms inside events, which have descriptions of their own.
function eventsOf(lines: readonly (Line | undefined)[]): ReadonlyMap<string, Line>[] {
  const events: Map<string, Line>[] = []
  const open: string[] = []
  for (const line of lines) {
    if (!line) continue
    const value = line.value.trim().toUpperCase()
    if (line.name === 'END') open.pop()
    else if (line.name === 'BEGIN') {
      open.push(value)
      if (isEvent(value)) events.push(new Map())
    } else if (isEvent(open.at(-1)) && !events.at(-1)!.has(line.name))
      events.at(-1)!.set(line.name, line)
  }
  return events.slice(0, EVENTS)
}

function isEvent(component: string | undefined): boolean {
  return component === 'VEVENT' || component === 'VTODO' || component === 'VJOURNAL'
}

function describe(event: ReadonlyMap<string, Line>, method: string): string {
  const text = (name: string) => unescaped(event.get(name)?.value ?? '').trim()
  const said = /^(REQUEST|PUBLISH|)$/.test(method)
    ? text('STATUS') === 'CANCELLED'
      ? 'CANCEL: '
      : ''
    : `${method}: `
  const summary = text('SUMMARY')
  const [place, time, repeats] = [text('LOCATION'), when(event), text('RRULE')]
  const lines = [
    summary && `${said}${summary}`,
    place && `Where: ${place}`,
    time && `When: ${time}`,
    organizer(event.get('ORGANIZER')),
    repeats && `Repeats: ${repeats}`,
    text('DESCRIPTION'),
    text('COMMENT')
  ]
  return lines.filter(Boolean).join('\n')
}

/** "Organizer: Ana Ruiz, ana@oak.example" */
function organizer(line: Line | undefined): string {
  const name = /;CN="?([^";]{1,200})/i.exec(line?.parameters ?? '')?.[1]?.trim()
  const address = /^mailto:(\S{3,254})$/i.exec(line?.value.trim() ?? '')?.[1]
  const said = [...new Set([name, address])].filter(Boolean).join(', ')
  return said && `Organizer: ${said}`
}

/** "2026-12-03 09:00 – 09:30 (America/Chicago)". */
function when(event: ReadonlyMap<string, Line>): string {
  const [start, end] = [
    timeOf(event.get('DTSTART')),
    timeOf(event.get('DTEND') ?? event.get('DUE'))
  ]
  if (!start) return end ? `– ${end.day} ${end.clock}${end.zone}`.trim() : ''
  const from = `${start.day} ${start.clock}`.trim()
  if (!end || (end.day === start.day && end.clock === start.clock)) return `${from}${start.zone}`
  const until = end.day === start.day ? end.clock : `${end.day} ${end.clock}`.trim()
  return end.zone === start.zone
    ? `${from} – ${until}${start.zone}`
    : `${from}${start.zone} – ${until}${end.zone}`
}

function timeOf(line: Line | undefined): { day: string; clock: string; zone: string } | undefined {
  const [, year, month, day, hour, minute, utc] =
    /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?$/i.exec(line?.value.trim() ?? '') ?? []
  if (!line || year === undefined) return undefined
  const zone = /;TZID="?([^";]+)/i.exec(line.parameters)?.[1]
  return {
    day: `${year}-${month}-${day}`,
    clock: hour === undefined ? '' : `${hour}:${minute}`,
    zone: hour === undefined ? '' : utc ? ' (UTC)' : zone ? ` (${cut(zone, 60)})` : ''
  }
}
