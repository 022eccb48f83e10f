import type { Agency } from '../../config/agency.ts'
import type { Problem } from './format.ts'

/**
 * Only one agency answers here, so its name may be left out unless it requires it. A wrong name is
 * reported.
 */
export function checkJurisdiction({ services }: Agency, given: string | undefined): Problem[] {
  if (given === undefined)
    return services.jurisdictionRequired
      ? [{ status: 400, description: 'jurisdiction_id was not provided.' }]
      : []
  return services.jurisdiction === undefined || services.jurisdiction === given
    ? []
    : [{ status: 404, description: 'jurisdiction_id was not found.' }]
}
