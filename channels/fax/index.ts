import type { Channel } from '../../core/channel.ts'
import { HeldRate } from '../../core/held-rate.ts'
import { acknowledge } from './acknowledge.ts'
import { phaxioRoute } from './phaxio.ts'
import { fromFile } from './raw-contact.ts'
import { spoolService } from './spool.ts'
import { telnyxFiles, telnyxRoute } from './telnyx.ts'
import { translate } from './translate.ts'

/** Faxes: from a fax server's spool folder, by the hooks of Telnyx and Phaxio, by mail of a fax service. */
export const fax: Channel = {
  kind: 'fax',
  start(collect) {
    const held = new HeldRate()
    for (const route of [telnyxRoute(collect, held), phaxioRoute(collect, held)]) collect.route(route)
    collect.service(spoolService(collect))
  },
  remoteFiles: (raw, settings) => raw.source === 'telnyx' ? telnyxFiles(raw.bytes, settings) : [],
  translate,
  fromFile,
  acknowledge
}
