/** Rows of a JSON Lines file to evaluate on, their columns recognised by usual names. */
import { isPlace, type Place } from './place.ts'

export interface EvaluationRow {
  readonly id: string
  readonly text: string
  /** ms since 1970; 0 for all where the file has no times, so that none is out of the window. */
  readonly at: number
  readonly person?: string | undefined
  readonly category?: string | undefined
  readonly place?: Place | undefined
  /** Rows of one cluster are duplicates of each other. */
  readonly cluster?: string | undefined
  /** Rows of one campaign carry the same letter; null: known to be in none. */
  readonly campaign?: string | null | undefined
}

const names = {
  id: ['id', 'contact_id', 'contactId', 'service_request_id'],
  text: ['text', 'body', 'comment', 'description', 'message'],
  at: ['received_at', 'arrived_at', 'arrivedAt', 'created_at', 'requested_datetime', 'date'],
  person: ['person', 'party', 'sender', 'constituent', 'person_id'],
  category: ['service', 'category', 'service_name', 'service_code', 'department'],
  cluster: ['cluster', 'truth', 'group'],
  campaign: ['campaign']
} as const

/** Reads the rows; lines that are not JSON objects with a text are counted as rejected. */
export function readRows(jsonl: string): { rows: EvaluationRow[]; rejected: number } {
  const lines = jsonl.split('\n').filter((line) => line.trim() !== '')
  const rows = lines.map((line, no) => readRow(line, no)).filter((row) => row !== undefined)
  return { rows, rejected: lines.length - rows.length }
}

function readRow(line: string, no: number): EvaluationRow | undefined {
  const record = parseObject(line)
  const text = record && pick(record, 'text')
  if (!record || text === undefined) return undefined
  const subject = typeof record['subject'] === 'string' ? `${record['subject']}\n` : ''
  const at = Date.parse(pick(record, 'at') ?? '')
  return {
    id: pick(record, 'id') ?? `line ${no + 1}`, text: subject + text, at: Number.isNaN(at) ? 0 : at,
    person: pick(record, 'person'), category: pick(record, 'category'), place: readPlace(record), cluster: pick(record, 'cluster'),
    campaign: record['campaign'] === null ? null : pick(record, 'campaign')
  }
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}

function pick(record: Record<string, unknown>, column: keyof typeof names): string | undefined {
  for (const name of names[column]) {
    const value = record[name]
    if (typeof value === 'string' || typeof value === 'number') return String(value)
  }
  return undefined
}

function readPlace(record: Record<string, unknown>): Place | undefined {
  const holder = typeof record['location'] === 'object' && record['location'] !== null ? record['location'] as Record<string, unknown> : record
  const place = { lat: holder['lat'] ?? holder['latitude'], long: holder['long'] ?? holder['lon'] ?? holder['lng'] ?? holder['longitude'] }
  return isPlace(place) ? place : undefined
}
