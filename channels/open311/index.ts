import type { Channel } from '../../core/intake/channel.ts'
import { fromFile } from './from-file.ts'
import { open311Routes } from './routes.ts'
import { remoteFiles, translate } from './translate.ts'

/** Reports from city apps by Open311 GeoReport v2. */
export const open311: Channel<'reports' | 'requireKey'> = {
  kind: 'open311',
  needs: ['reports', 'requireKey'],
  start: (intake) => open311Routes(intake).forEach((route) => intake.route(route)),
  remoteFiles,
  translate,
  fromFile,
  // No mail is sent, because a program gave the address, in somebody's name.
  acknowledge: () => ({ undeliverable: 'the client that sent it has the receipt' })
}
