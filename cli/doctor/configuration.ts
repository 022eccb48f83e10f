/** Environment and configuration files. */
import { ConfigError, loadAgency, type Agency } from '../../config/agency.ts'
import {
  publicUrl,
  readSettings,
  SettingsError,
  unknownSettings,
  type Settings
} from '../../config/settings.ts'
import { fail, isLoopback, ok, reasonOf, warn, type Check } from './check.ts'

/** How long the public address may take to answer, in ms. */
const ASK_MS = 3_000

/** The settings when they can be used, and one check for each problem when not. */
export function checkSettings(
  environment: Record<string, string | undefined>,
  inFile: readonly string[] = []
): { checks: Check[]; settings: Settings | undefined } {
  try {
    return {
      checks: [ok('settings', 'every variable can be used'), ...checkUnknown(environment, inFile)],
      settings: readSettings(environment)
    }
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    const checks = error.problems.map((problem) =>
      fail(
        'settings',
        problem,
        'Mend this environment variable, or unset it to use its default (README, "Environment").'
      )
    )
    return { checks, settings: undefined }
  }
}

function checkUnknown(
  environment: Record<string, string | undefined>,
  inFile: readonly string[]
): Check[] {
  return unknownSettings(environment, inFile).map(({ name, hint }) =>
    warn('settings', `${name} is set and does nothing`, `Mend its name or take it away: ${hint}`)
  )
}

/** The agency when its files can be used, and one check for each problem and warning. */
export async function checkAgency(
  settings: Settings
): Promise<{ checks: Check[]; agency: Agency | undefined }> {
  try {
    const agency = await loadAgency(settings.CONFIG_DIR)
    const { departments } = agency.departments
    const found = ok(
      'configuration',
      `${departments.length} departments, ${agency.routes.rules.length} routing rules, ${agency.forms.length} forms in ${settings.CONFIG_DIR}`
    )
    const warnings = agency.warnings.map((warning) =>
      warn('configuration', warning, 'Can be lived with; mend the file when you next edit it.')
    )
    return { checks: [found, ...warnings, ...checkOwnAddress(settings, agency)], agency }
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [reasonOf(error)]
    return {
      checks: problems.map((problem) =>
        fail(
          'configuration',
          problem,
          'Mend the file; a running Evenhand keeps the last good configuration until then.'
        )
      ),
      agency: undefined
    }
  }
}

/** True when people other than the one at this machine are meant to reach us. */
export function isPublic(settings: Settings): boolean {
  return (
    !isLoopback(settings.HOST) ||
    (settings.PUBLIC_URL !== undefined && !isLoopback(new URL(settings.PUBLIC_URL).hostname))
  )
}

export function checkPublicUrl(settings: Settings): Check {
  const url = publicUrl(settings)
  if (!isPublic(settings)) return ok('public-url', `${url}, for this machine only`)
  if (!settings.PUBLIC_URL)
    return warn(
      'public-url',
      `PUBLIC_URL is not set, so receipts link to ${url}`,
      'Set PUBLIC_URL to the address residents use, for example https://contact.town.gov.'
    )
  if (isLoopback(new URL(url).hostname))
    return warn(
      'public-url',
      `${url} leads residents to their own machine`,
      'Set PUBLIC_URL to the address residents use.'
    )
  if (url.startsWith('http:'))
    return warn(
      'public-url',
      `${url} sends what residents write in the open`,
      'Put a web server with a certificate in front and set PUBLIC_URL to its https address (docs/administrator.md).'
    )
  return ok('public-url', url)
}

/**
 * A public address of its own tells of a web server in front: whether it is known by whom visitors'
 * addresses are told.
 */
export function checkProxy(settings: Settings): Check {
  const { TRUST_PROXY: proxies, PUBLIC_URL: url } = settings
  if (proxies.length > 0)
    return ok('proxy', `X-Forwarded-For is believed from ${proxies.join(', ')}`)
  if (url === undefined || !isPublic(settings)) return ok('proxy', 'no proxy is believed')
  return warn(
    'proxy',
    'PUBLIC_URL is set and TRUST_PROXY is not, so all visitors seem to come from the web server in front',
    "Set TRUST_PROXY to that server's address (loopback for one on this machine), and have it send X-Forwarded-For."
  )
}

/** A proxy that does not say that it passes requests on makes figures public. */
export async function checkMetrics(settings: Settings): Promise<Check[]> {
  if (!isPublic(settings) || !settings.PUBLIC_URL) return []
  const url = `${settings.PUBLIC_URL}/metrics`
  const answer = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(ASK_MS)
  }).catch(() => undefined)
  if (answer?.status !== 200)
    return [ok('metrics', 'figures are not to be had at the public address')]
  return [
    fail(
      'metrics',
      `${url} shows figures to everybody`,
      'Have the web server in front send X-Forwarded-For with what it passes on (docs/administrator.md).'
    )
  ]
}

function checkOwnAddress(settings: Settings, agency: Agency): Check[] {
  if (!isPublic(settings) || !agency.departments.agency.email.endsWith('.example')) return []
  return [
    warn(
      'configuration',
      `departments.yaml still has the sample town's address ${agency.departments.agency.email}`,
      "Put the agency's own name, address and departments into departments.yaml."
    )
  ]
}
