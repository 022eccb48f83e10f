/** Puts the sheets of a batch in order. Pure. */
import type { Scan } from './types.ts'

export interface Stack {
  readonly id: string
  readonly name: string
  readonly side: Scan['side']
  readonly pages: number
}

export interface Lying {
  readonly scanId: string
  readonly page: number
  /** True for the first sheet of a file, or of the two files of a collated stack. */
  readonly opens: boolean
}

export interface Arrangement {
  readonly sheets: readonly Lying[]
  readonly problems: readonly string[]
}

/**
 * Scans come in the order of arrival, and fronts and backs of one stack are collated. A feeder
 * turns the stack over, so the first back scanned belongs to the last front. Stacks that do not
 * match are left as they are, with all their pages, and a person is told.
 */
export function arrange(scans: readonly Stack[]): Arrangement {
  const sheets: Lying[] = []
  const problems: string[] = []
  const backs = scans.filter(({ side }) => side === 'backs')
  const used = new Set<string>()
  for (const scan of scans) {
    if (used.has(scan.id)) continue
    const partner = scan.side === 'fronts' ? backs.find(({ id }) => !used.has(id)) : undefined
    if (scan.side === 'fronts' && !partner)
      problems.push(`${scan.name} holds fronts, and there are no backs to it.`)
    if (scan.side === 'backs')
      problems.push(`${scan.name} holds backs, and there are no fronts to it.`)
    if (partner) used.add(partner.id)
    const fits = partner?.pages === scan.pages
    if (partner && !fits)
      problems.push(
        `${scan.name} has ${scan.pages} fronts, ${partner.name} has ${partner.pages} backs: they were not laid together.`
      )
    if (partner && fits) sheets.push(...collate(scan, partner))
    else sheets.push(...inOrder(scan), ...(partner ? inOrder(partner) : []))
  }
  return { sheets, problems }
}

function inOrder({ id, pages }: Stack): Lying[] {
  return Array.from({ length: pages }, (_, index) => ({
    scanId: id,
    page: index + 1,
    opens: index === 0
  }))
}

function collate(fronts: Stack, backs: Stack): Lying[] {
  return inOrder(fronts).flatMap((front, index) => [
    front,
    { scanId: backs.id, page: backs.pages - index, opens: false }
  ])
}
