const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000]
] as const

/** "3 days", "5 hours", "12 minutes" of so many milliseconds. */
export function formatWait(ms: number): string {
  const [unit, size] = units.find(([, least]) => ms >= least) ?? ['minute', 60_000]
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(ms / size)
  )
}

/** How long ago: as `formatWait`, or "less than a minute". */
export function formatAge(since: Date, now = Date.now()): string {
  const ms = Math.max(0, now - since.getTime())
  return ms < 60_000 ? 'less than a minute' : formatWait(ms)
}
