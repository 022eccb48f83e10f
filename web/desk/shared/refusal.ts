import { EvenhandError, type ErrorCode } from '../../../platform/errors.ts'

/** Whether the actor can correct an error or try again, so that no administrator has to look. */
export function isRefusal(error: unknown): error is EvenhandError {
  return error instanceof EvenhandError && !error.report
}

/**
 * The code of such an error, to be shown on the page they came from. @throws others, which go on to
 * the error handler
 */
export function refusal(error: unknown): ErrorCode {
  if (isRefusal(error)) return error.code
  throw error
}
