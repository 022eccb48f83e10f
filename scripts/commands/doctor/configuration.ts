/** Environment and configuration files. */
import { ConfigError, loadAgency, type Agency } from '../../../config/agency.ts'
import { publicUrl, readSettings, SettingsError, type Settings } from '../../../config/settings.ts'
import { fail, isLoopback, ok, reasonOf, warn, type Check } from './check.ts'

/** The settings when they can be used, and one check for each problem when not. */
export function checkSettings(environment: Record<string, string | undefined>): { checks: Check[]; settings: Settings | undefined } {
  try {
    return { checks: [ok('settings', 'every variable can be used')], settings: readSettings(environment) }
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    const checks = error.problems.map((problem) => fail('settings', problem, 'Mend this environment variable, or unset it to use its default (README, "Environment").'))
    return { checks, settings: undefined }
  }
}

/** The agency when its files can be used, and one check for each problem and warning. */
export async function checkAgency(settings: Settings): Promise<{ checks: Check[]; agency: Agency | undefined }> {
  try {
    const agency = await loadAgency(settings.CONFIG_DIR)
    const { departments } = agency.departments
    const found = ok('configuration', `${departments.length} departments, ${agency.routes.rules.length} routing rules, ${agency.forms.length} forms in ${settings.CONFIG_DIR}`)
    const warnings = agency.warnings.map((warning) => warn('configuration', warning, 'Can be lived with; mend the file when you next edit it.'))
    return { checks: [found, ...warnings, ...checkOwnAddress(settings, agency)], agency }
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [reasonOf(error)]
    return { checks: problems.map((problem) => fail('configuration', problem, 'Mend the file; a running Evenhand keeps the last good configuration until then.')), agency: undefined }
  }
}

/** True when people other than the one at this machine are meant to reach us. */
export function isPublic(settings: Settings): boolean {
  return !isLoopback(settings.HOST) || (settings.PUBLIC_URL !== undefined && !isLoopback(new URL(settings.PUBLIC_URL).hostname))
}

export function checkPublicUrl(settings: Settings): Check {
  const url = publicUrl(settings)
  if (!isPublic(settings)) return ok('public-url', `${url}, for this machine only`)
  if (!settings.PUBLIC_URL) return warn('public-url', `PUBLIC_URL is not set, so receipts link to ${url}`, 'Set PUBLIC_URL to the address residents use, for example https://contact.town.gov.')
  if (isLoopback(new URL(url).hostname)) return warn('public-url', `${url} leads residents to their own machine`, 'Set PUBLIC_URL to the address residents use.')
  if (url.startsWith('http:')) return warn('public-url', `${url} sends what residents write in the open`, 'Put a web server with a certificate in front and set PUBLIC_URL to its https address (docs/administrator.md).')
  return ok('public-url', url)
}

function checkOwnAddress(settings: Settings, agency: Agency): Check[] {
  if (!isPublic(settings) || !agency.departments.agency.email.endsWith('.example')) return []
  return [warn('configuration', `departments.yaml still has the sample town's address ${agency.departments.agency.email}`, 'Put the agency\'s own name, address and departments into departments.yaml.')]
}
