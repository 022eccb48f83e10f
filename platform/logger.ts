import { pino, type DestinationStream, type Logger } from 'pino'
import { EvenhandError } from './errors.ts'

export type Log = Logger

/**
 * Structured logs on stderr, because stdout is for JSON results. Only ids, counts and codes are
 * logged. An error is reduced to its code and stack, because drivers put row values (`detail`,
 * `parameters`) into theirs.
 */
export function createLog(
  level: string,
  destination: DestinationStream = pino.destination(2)
): Log {
  return pino(
    {
      level,
      base: null,
      serializers: { err: bareError },
      timestamp: () => `,"time":"${new Date().toISOString()}"`
    },
    destination
  )
}

function bareError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, constraint, table } = error as {
    code?: unknown
    constraint?: unknown
    table?: unknown
  }
  // An error's message may quote input ("invalid input syntax … \"Jane\""); the frames of its stack
  // cannot.
  const frames = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
  const message = error instanceof EvenhandError ? error.message : undefined
  const cause: unknown = error.cause ? bareError(error.cause) : undefined
  return { type: error.name, message, code, constraint, table, frames, ...(cause ? { cause } : {}) }
}
