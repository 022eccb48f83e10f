/** Reads rows of a JSON Lines file for evaluation. Columns are recognised by usual names. */
import { createHash } from 'node:crypto'
import { channelKinds } from '../envelope.ts'
import { toContent, type Brought } from './envelope-content.ts'
import type { Content } from './content.ts'
import { isLocation, type Location } from './location.ts'
import { wording } from './wording.ts'
import { assumedChannel, traitsOf } from '../intake/traits.ts'

export interface EvaluationRow {
  readonly id: string
  readonly text: string
  readonly content: Content
  /**
   * ms since 1970. 0 in all rows if the file has no times, so that every pair is within the window.
   */
  readonly at: number
  readonly person?: string | undefined
  readonly category?: string | undefined
  readonly location?: Location | undefined
  /** Rows of one cluster are duplicates of each other. */
  readonly cluster?: string | undefined
  /** Rows of one campaign have the same letter. null: known to be in none. */
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
    id: pick(record, 'id') ?? `line ${no + 1}`,
    text: subject + text,
    content: readContent(record, subject + text),
    at: Number.isNaN(at) ? 0 : at,
    person: pick(record, 'person'),
    category: pick(record, 'category'),
    location: readLocation(record),
    cluster: pick(record, 'cluster'),
    campaign: record['campaign'] === null ? null : pick(record, 'campaign')
  }
}

/**
 * A page's words count as machine-read if the row says so, or if its channel is a paper channel.
 */
function readContent(record: Record<string, unknown>, text: string): Content {
  const channel = channelKinds.find((kind) => kind === record['channel']) ?? assumedChannel
  const language = typeof record['language'] === 'string' ? record['language'] : 'und'
  const read =
    record['source'] === 'ocr' ||
    (record['source'] === undefined && traitsOf(channel).medium === 'paper')
  const documents = Array.isArray(record['documents'])
    ? record['documents'].flatMap(readDocument)
    : []
  const content = toContent({
    channel,
    language,
    text,
    documents,
    answers: readAnswers(record['answers'])
  })
  return read && content.words
    ? { ...content, words: wording(content.words.text, 'read', language) }
    : content
}

/**
 * A document as in an envelope, but every field may be missing as long as there is a name, a hash
 * or a text.
 */
function readDocument(value: unknown): Brought['documents'][number][] {
  if (typeof value !== 'object' || value === null) return []
  const { name, mediaType, sha256, text, confidence, source, unreadPages } = value as Record<
    string,
    unknown
  >
  const content = typeof text === 'string' ? text : undefined
  return [
    {
      name: typeof name === 'string' ? name : 'document',
      mediaType: typeof mediaType === 'string' ? mediaType : 'application/octet-stream',
      bytes: 0,
      pages: 1,
      sha256:
        typeof sha256 === 'string'
          ? sha256
          : createHash('sha256')
              .update(content ?? JSON.stringify(value))
              .digest('hex'),
      ...(content === undefined
        ? {}
        : {
            text: content,
            confidence: typeof confidence === 'number' ? confidence : 1,
            source: source === 'ocr' ? 'ocr' : 'text-layer',
            unreadPages: typeof unreadPages === 'number' ? unreadPages : 0
          })
    }
  ]
}

function readAnswers(value: unknown): Record<string, string> {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, answer]) => [key, String(answer)]))
    : {}
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
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

function readLocation(record: Record<string, unknown>): Location | undefined {
  const holder =
    typeof record['location'] === 'object' && record['location'] !== null
      ? (record['location'] as Record<string, unknown>)
      : record
  const location = {
    lat: holder['lat'] ?? holder['latitude'],
    long: holder['long'] ?? holder['lon'] ?? holder['lng'] ?? holder['longitude']
  }
  return isLocation(location) ? location : undefined
}
