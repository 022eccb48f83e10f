import type { Channel } from '../../core/channel.ts'
import { acknowledge } from './acknowledge.ts'
import { formRoutes } from './form-routes.ts'
import { fromFile } from './from-file.ts'
import { statusRoutes } from './status-routes.ts'
import { translate } from './translate.ts'

/** The agency's own forms, and the page that shows where a contact stands. */
export const web: Channel = {
  kind: 'web',
  start: (collect) => [...formRoutes(collect), ...statusRoutes(collect)].forEach((route) => collect.route(route)),
  translate,
  fromFile,
  acknowledge
}
