import { pino, type DestinationStream, type Logger } from 'pino'
import { EvenhandError } from './errors.ts'

export type Log = Logger

/**
 * Structured logs on stderr (stdout belongs to JSON results). Only ids, counts and codes are logged; an error is cut to its
 * code and stack because drivers put row values (`detail`, `parameters`) on theirs.
 */
export function createLog(level: string, destination: DestinationStream = pino.destination(2)): Log {
  return pino({ level, base: null, serializers: { err: bareError }, timestamp: () => `,"time":"${new Date().toISOString()}"` }, destination)
}

function bareError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, constraint, table } = error as { code?: unknown; constraint?: unknown; table?: unknown }
  // A message may quote input ("invalid input syntax … \"Jane\""); the stack's frames cannot.
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 8)
  const message = error instanceof EvenhandError ? error.message : undefined
  const cause: unknown = error.cause ? bareError(error.cause) : undefined
  return { type: error.name, message, code, constraint, table, frames, ...(cause ? { cause } : {}) }
}
