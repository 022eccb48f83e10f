/** Whether single keys are switched off in a browser: the cookie says so, and nothing else. */
import type { Request } from 'express'

export const KEYS_COOKIE = 'evenhand-keys'

export function keysOff(request: Pick<Request, 'cookies'>): boolean {
  return (request.cookies as Record<string, string | undefined>)[KEYS_COOKIE] === 'off'
}
