import type { Channel } from '../../core/intake/channel.ts'
import { UnverifiedLimit } from '../../core/intake/unverified-limit.ts'
import { acknowledge } from './acknowledge.ts'
import { phaxioRoute } from './phaxio.ts'
import { fromFile } from './raw-contact.ts'
import { spoolService } from './spool.ts'
import { telnyxFiles, telnyxRoute } from './telnyx.ts'
import { translate } from './translate.ts'

/**
 * Faxes: from a fax server's spool folder, by the hooks of Telnyx and Phaxio, by mail of a fax
 * service.
 */
export const fax: Channel = {
  kind: 'fax',
  start(intake) {
    const held = new UnverifiedLimit()
    for (const route of [telnyxRoute(intake, held), phaxioRoute(intake, held)]) intake.route(route)
    intake.service(spoolService(intake))
  },
  remoteFiles: (raw, settings) => (raw.source === 'telnyx' ? telnyxFiles(raw.bytes, settings) : []),
  translate,
  fromFile,
  acknowledge
}
