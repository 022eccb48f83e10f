import type { Channel } from '../../core/intake/channel.ts'
import { contactsEndpoint } from './endpoint.ts'
import { fromFile } from './from-file.ts'
import { translate } from './translate.ts'

/** Other systems of the agency: chat, social listening, an older case system. */
export const api: Channel = {
  kind: 'api',
  start: (intake) => intake.endpoint(contactsEndpoint(intake)),
  translate,
  fromFile,
  acknowledge: () => ({ undeliverable: 'the system that handed it in tells the sender' })
}
