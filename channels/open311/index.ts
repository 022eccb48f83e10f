import type { Channel } from '../../core/channel.ts'
import { fromFile } from './from-file.ts'
import { open311Routes } from './routes.ts'
import { remoteFiles, translate } from './translate.ts'

/** Reports of city apps by Open311 GeoReport v2. */
export const open311: Channel = {
  kind: 'open311',
  start: (collect) => open311Routes(collect).forEach((route) => collect.route(route)),
  remoteFiles,
  translate,
  fromFile,
  // Mail would go to an address that a program gave, in somebody's name.
  acknowledge: () => ({ undeliverable: 'the client that sent it has the receipt' })
}
