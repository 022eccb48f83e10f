/** Faxes: what lies in the spool folder, and whether the providers' signatures can be checked. */
import fs from 'node:fs/promises'
import path from 'node:path'
import { isFaxName } from '../../channels/fax/raw-contact.ts'
import { sidecarNames } from '../../channels/fax/sidecar.ts'
import { spoolFolder } from '../../channels/fax/spool.ts'
import type { Settings } from '../../config/settings.ts'
import { counted, guarded, ok, warn, type Check } from './check.ts'

/** A fax is taken within seconds, one that broke off in ten minutes; this is neither. */
const LYING_MS = 15 * 60_000

export async function checkFax(settings: Settings): Promise<Check[]> {
  return [
    ...(await guarded(
      'fax-folder',
      "Check owner and rights of DATA_DIR/fax: Evenhand's account reads and moves what the fax server's account writes.",
      () => checkFolder(settings)
    )),
    ...checkProviders(settings)
  ]
}

async function checkFolder({ DATA_DIR }: Settings): Promise<Check[]> {
  const folder = spoolFolder(DATA_DIR)
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(orNone)
  if (!entries) return [ok('fax-folder', 'no fax folder yet; a worker makes it at its start')]
  await fs.access(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
  const faxes = names.filter(isFaxName)
  const sidecars = new Set(faxes.flatMap(sidecarNames))
  const odd = names.filter((name) => !isFaxName(name) && !sidecars.has(name)).length
  const lying = (await Promise.all(faxes.map((name) => isLying(path.join(folder, name))))).filter(
    Boolean
  ).length
  const tooLarge = (await fs.readdir(path.join(folder, 'too-large')).catch(orNone))?.length ?? 0
  const checks = [
    ...(lying > 0
      ? [
          warn(
            'fax-folder',
            `${counted(lying, 'fax', 'faxes')} in ${folder} waited for over 15 minutes`,
            'Is a worker running, and may its account read and move the files?'
          )
        ]
      : []),
    ...(tooLarge > 0
      ? [
          warn(
            'fax-too-large',
            `too large to be taken in: ${counted(tooLarge, 'file')} in ${path.join(folder, 'too-large')}`,
            'Look at them: what is no fax can go, a fax can be handed in with `evenhand submit` in parts.'
          )
        ]
      : []),
    ...(odd > 0
      ? [
          warn(
            'fax-odd',
            `no fax and belonging to none: ${counted(odd, 'file')} in ${folder}`,
            'Only .tif, .tiff and .pdf are taken. Take the others away.'
          )
        ]
      : [])
  ]
  return checks.length > 0 ? checks : [ok('fax-folder', `nothing waits in ${folder}`)]
}

function orNone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

async function isLying(file: string): Promise<boolean> {
  const stats = await fs.stat(file).catch(orNone)
  return stats !== undefined && Date.now() - stats.mtimeMs > LYING_MS
}

function checkProviders({
  TELNYX_PUBLIC_KEY: key,
  TELNYX_MEDIA_HOSTS: hosts,
  PHAXIO_CALLBACK_TOKEN: token,
  PUBLIC_URL: url
}: Settings): Check[] {
  const checks: Check[] = []
  if (key && hosts.length > 0)
    checks.push(
      ok(
        'fax-telnyx',
        `Telnyx's signatures are checked; pages are fetched from ${hosts.join(', ')}`
      )
    )
  if (key && hosts.length === 0)
    checks.push(
      warn(
        'fax-telnyx',
        'TELNYX_MEDIA_HOSTS is empty: no page can be fetched',
        'Name the hosts that media_url points to, or take the variable out for the usual one.'
      )
    )
  if (token && url)
    checks.push(ok('fax-phaxio', `Phaxio's signatures are checked for ${url}/hooks/fax/phaxio`))
  if (token && !url)
    checks.push(
      warn(
        'fax-phaxio',
        'PHAXIO_CALLBACK_TOKEN is set without PUBLIC_URL: Phaxio signs the address it calls, so every signature is wrong',
        'Set PUBLIC_URL to the address that is entered at Phaxio.'
      )
    )
  return checks.length > 0
    ? checks
    : [ok('fax-providers', 'no fax provider is set up; their notices would wait in quarantine')]
}
