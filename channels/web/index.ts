import type { Channel } from '../../core/intake/channel.ts'
import { acknowledge } from './acknowledge.ts'
import { formRoutes } from './form-routes.ts'
import { fromFile } from './from-file.ts'
import { proofRoutes } from './proof-routes.ts'
import { stopRoutes } from './stop-routes.ts'
import { statusRoutes } from './status-routes.ts'
import { translate } from './translate.ts'

/** The agency's own forms, and the page that shows where a contact stands. */
export const web: Channel<'status' | 'residentPage' | 'addressProofs'> = {
  kind: 'web',
  needs: ['status', 'residentPage', 'addressProofs'],
  start: (intake) =>
    [
      ...formRoutes(intake),
      ...statusRoutes(intake),
      ...proofRoutes(intake),
      ...stopRoutes(intake)
    ].forEach((route) => intake.route(route)),
  translate,
  fromFile,
  acknowledge
}
