import { Withheld } from './pool.ts'

/** The answer of a job, or why the reader withheld it. @throws anything else */
export async function orWithheld<T>(work: Promise<T>): Promise<T | Withheld> {
  return work.catch((error: unknown) => {
    if (error instanceof Withheld) return error
    throw error
  })
}

/** That files lie in a document whose pages alone were read. */
export function filesInside(count: number): string {
  return `It holds ${count === 1 ? 'a file' : `${count} files`} inside, which its pages do not show.`
}

/** As staff read it. */
export function sentence(
  withheld: Withheld,
  what: 'document' | 'page' | 'working copy' = 'document'
): string {
  return `The ${what} ${withheld.message}.`
}
