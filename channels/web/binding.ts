/** A browser's own random value, to which the tokens of its forms are bound. */
import type { ChannelRequest } from '../../core/intake/channel.ts'
import { setCookie } from '../../platform/pages/cookies.ts'
import type { WebIntake } from './intake.ts'
import { isSecure } from './pages.ts'
import { isBinding, newBinding } from './token.ts'

const BINDING_COOKIE = 'evenhand-form'

/** The value as sent; undefined without the cookie. */
export function sentBinding(request: Pick<ChannelRequest, 'cookies'>): string | undefined {
  return request.cookies[BINDING_COOKIE]
}

/** The browser's value, or a new one with the cookie that keeps it. */
export function bindBrowser(
  { settings }: Pick<WebIntake, 'settings'>,
  request: Pick<ChannelRequest, 'cookies'>
): { binding: string; cookies: string[] } {
  const sent = sentBinding(request)
  if (isBinding(sent)) return { binding: sent, cookies: [] }
  const binding = newBinding()
  return {
    binding,
    cookies: [setCookie(BINDING_COOKIE, binding, { secure: isSecure(settings) })]
  }
}
