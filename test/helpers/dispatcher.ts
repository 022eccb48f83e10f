import type { AnyChannel } from '../../core/intake/channel.ts'
import { OutboxDispatcher } from '../../core/outbox/dispatcher.ts'
import type { Runtime } from '../../core/runtime.ts'
import { textSender } from '../../platform/providers/twilio/texts.ts'

/** The dispatcher as the workers open it: texts go to the account that the settings name, if any. */
export function openDispatcher(
  runtime: Runtime,
  channels: readonly AnyChannel[]
): OutboxDispatcher {
  return new OutboxDispatcher(runtime, channels, textSender(runtime.settings))
}
