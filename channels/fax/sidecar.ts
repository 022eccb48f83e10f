/**
 * What a fax server says about a received file, in a small file beside it (sidecar) or in its name.
 */
import path from 'node:path'
import { factsOf, type FaxFacts } from './facts.ts'

/**
 * Fact names in both formats: JSON keys, and the variables of HylaFAX's FaxDispatch (faxrcvd(8)).
 */
const names: Readonly<Record<string, keyof FaxFacts>> = {
  callernumber: 'callerNumber',
  cidnumber: 'callerNumber',
  callername: 'callerName',
  cidname: 'callerName',
  stationid: 'stationId',
  sender: 'stationId',
  tsi: 'stationId',
  callednumber: 'calledNumber',
  device: 'device',
  commid: 'communication',
  communication: 'communication',
  pages: 'pages',
  receivedat: 'receivedAt',
  received: 'receivedAt',
  error: 'error',
  msg: 'error'
}

/** Names that a sidecar of this image file may have, in the order they are tried. */
export function sidecarNames(image: string): string[] {
  const { dir, name } = path.posix.parse(image)
  const stem = dir ? `${dir}/${name}` : name
  return [`${stem}.json`, `${stem}.txt`]
}

/**
 * A sidecar's facts: a JSON object, or lines `NAME=value` as a shell writes them. Unknown names are
 * ignored. `readable` is false if it is neither; the fax is taken all the same.
 */
export function readSidecar(text: string): {
  readonly facts: FaxFacts
  readonly readable: boolean
} {
  const entries = text.trimStart().startsWith('{') ? readJson(text) : readLines(text)
  if (!entries) return { facts: {}, readable: false }
  const known = entries.flatMap(([name, value]) => {
    const fact = names[name.toLowerCase().replaceAll(/[_-]/g, '')]
    return fact && value !== '' ? [[fact, value] as const] : []
  })
  return { facts: factsOf(Object.fromEntries(known)), readable: true }
}

function readJson(text: string): [string, unknown][] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value)
      : undefined
  } catch {
    return undefined
  }
}

function readLines(text: string): [string, string][] | undefined {
  const entries = text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = /^\s*([A-Za-z][A-Za-z0-9_]{0,40})=(.*)$/.exec(line) ?? []
    return name ? [[name, unquoted(value ?? '')] as [string, string]] : []
  })
  return entries.length > 0 ? entries : undefined
}

function unquoted(value: string): string {
  const trimmed = value.trim()
  return /^"[^"]*"$|^'[^']*'$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed
}

/**
 * Facts from a file's own name if there is no sidecar: `DEVICE_COMMID.tif` or
 * `DEVICE_COMMID_CALLER.tif`.
 */
export function factsOfName(name: string): FaxFacts {
  const [, device, communication, callerNumber] =
    /^([A-Za-z][A-Za-z0-9.-]{0,39})_(\d{1,20})(?:_(\+?\d{3,20}))?$/.exec(
      path.posix.parse(name).name
    ) ?? []
  return factsOf({ device, communication, callerNumber })
}
