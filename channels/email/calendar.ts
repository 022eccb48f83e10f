import { decodeText } from './charsets.ts'
import { cut } from './headers.ts'
import { readLimits } from './limits.ts'
import type { Part } from './parts.ts'

/** Events read from one calendar; a series is one. */
const EVENTS = 20
/** Characters read of a calendar, and of one value: a description may hold a whole letter. */
const CALENDAR_LENGTH = 500_000
const VALUE_LENGTH = 50_000

/** An invitation in words; empty for any other part. */
export function invitation(part: Part): string {
  if (part.mediaType !== 'text/calendar' && !/\.ics$/i.test(part.fileName)) return ''
  return calendarText(
    decodeText(part.bytes.subarray(0, readLimits.calendarBytes), part.charset || 'utf-8')
  ).trim()
}

interface Line {
  readonly name: string
  readonly parameters: string
  readonly value: string
}

/**
 * An invitation (RFC 5545) in words: what, where, when (in the time zone it names), and its
 * description. Parsed by our own code, because libraries with permissive licences read times
 * without a zone as UTC. Empty if there is no event.
 */
export function calendarText(source: string): string {
  const lines = source
    .slice(0, CALENDAR_LENGTH)
    .replace(/\r\n?/g, '\n')
    .replace(/\n[ \t]/g, '')
    .split('\n')
    .map(lineOf)
  const method =
    lines
      .find((line) => line?.name === 'METHOD')
      ?.value.trim()
      .toUpperCase() ?? ''
  return eventsOf(lines)
    .map((event) => describe(event, method))
    .filter(Boolean)
    .join('\n\n')
}

/** `NAME;PARAMETER="a:b":value`; a colon in quotation marks is part of the parameter. */
function lineOf(line: string): Line | undefined {
  const [, name, parameters, value] =
    /^([A-Za-z0-9-]{1,40})((?:;(?:"[^"]*"|[^":])*)?):(.*)$/.exec(line.slice(0, VALUE_LENGTH)) ?? []
  return name === undefined
    ? undefined
    : { name: name.toUpperCase(), parameters: parameters ?? '', value: value ?? '' }
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
  const text = (name: string) => unescape(event.get(name)?.value ?? '').trim()
  const said = /^(REQUEST|PUBLISH|)$/.test(method)
    ? text('STATUS') === 'CANCELLED'
      ? 'CANCEL: '
      : ''
    : `${method}: `
  const summary = text('SUMMARY')
  const repeats = text('RRULE')
  const lines = [
    summary && `${said}${summary}`,
    text('LOCATION'),
    when(event),
    repeats && `Repeats: ${repeats}`,
    text('DESCRIPTION'),
    text('COMMENT')
  ]
  return lines.filter(Boolean).join('\n')
}

function unescape(value: string): string {
  return value.replace(/\\([nN,;\\])/g, (_whole, letter: string) =>
    letter.toLowerCase() === 'n' ? '\n' : letter
  )
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
