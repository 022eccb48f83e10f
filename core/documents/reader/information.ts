import { asItLooks } from '../../../platform/text/visible.ts'
import { limits } from '../limits.ts'
import type { Information } from '../types.ts'
import type { InformationJob } from './job.ts'
import { parserOf } from './pdf-parser.ts'

const texts = {
  title: 'Title',
  author: 'Author',
  subject: 'Subject',
  keywords: 'Keywords',
  creator: 'Creator',
  producer: 'Producer'
} as const

/** What a PDF says of itself. */
export async function informationOf({
  path
}: InformationJob): Promise<{ information: Information }> {
  const found = await (await parserOf(path)).getInfo()
  const said = found.info as Record<string, unknown> | undefined
  const named = Object.entries(texts).map(([name, key]) => [name, textOf(said?.[key])] as const)
  const { CreationDate: created, ModDate: modified } = found.getDateNode()
  const dated = Object.entries({ created, modified }).map(
    ([name, moment]) => [name, momentOf(moment)] as const
  )
  return {
    information: Object.fromEntries([...named, ...dated].filter(([, value]) => value !== undefined))
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string'
    ? asItLooks(value.slice(0, limits.informationCharacters)) || undefined
    : undefined
}

function momentOf(moment: Date | null | undefined): string | undefined {
  return moment && !Number.isNaN(moment.getTime()) ? moment.toISOString() : undefined
}
