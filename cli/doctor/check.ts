/**
 * One thing that was looked at: how it stands, what was found, and what to do about it. Never holds
 * personal data.
 */
export interface Check {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly finding: string
  /** Empty when nothing needs doing. */
  readonly advice: string
}

export function ok(name: string, finding: string): Check {
  return { name, state: 'ok', finding, advice: '' }
}

export function warn(name: string, finding: string, advice: string): Check {
  return { name, state: 'warn', finding, advice }
}

export function fail(name: string, finding: string, advice: string): Check {
  return { name, state: 'fail', finding, advice }
}

/**
 * Runs a group of checks; one that throws becomes a failed check of its own, so that the others are
 * still heard.
 */
export async function guarded(
  name: string,
  advice: string,
  run: () => Promise<Check[]>
): Promise<Check[]> {
  try {
    return await run()
  } catch (error) {
    return [fail(name, reasonOf(error), advice)]
  }
}

/**
 * What an error says. Connecting to a name with several addresses gives one error for each, and no
 * message of its own.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join('; ')
  if (error instanceof Error) return error.message || String((error as NodeJS.ErrnoException).code)
  return String(error)
}

/** True for names and addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.')
}

/** "3 minutes", "2 days": how long ago, in whole units. */
export function describeAge(ms: number): string {
  const units: [string, number][] = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000]
  ]
  const [unit, size] = units.find(([, size]) => ms >= size) ?? units[3]!
  return counted(Math.max(0, Math.floor(ms / size)), unit)
}

/** "1 receipt", "2 receipts"; "2 faxes", where the plural is given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}
