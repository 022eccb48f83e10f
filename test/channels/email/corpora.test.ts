import path from 'node:path'
import { describe, expect } from '@jest/globals'
import type { Translation } from '../../../core/intake/channel.ts'
import { draftSchema } from '../../../core/envelope.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { compareWithStalwart } from './agreement.ts'
import { corpusTest, readCorpus } from '../../helpers/corpora.ts'
import { sample, sampleMails, translated } from './support.ts'

/**
 * Samples outside the bounce set that are reports of mail systems, as their names or their headers
 * say.
 */
const reports =
  /delivery-status|bounce|multipart[-_]report|report_\d+|postal-mime\/arf|raw_email_with_mimepart_without_content_type/

interface Reading {
  readonly read: Map<string, Translation>
  readonly refused: Map<string, string>
}

let reading: Promise<Reading> | undefined

/** Every sample, read once for all tests. */
async function readSamples(): Promise<Reading> {
  const [read, refused] = [new Map<string, Translation>(), new Map<string, string>()]
  for (const name of sampleMails()) {
    try {
      read.set(name, await translated(sample(name)))
    } catch (error) {
      refused.set(name, error instanceof EvenhandError ? error.code : `crash: ${String(error)}`)
    }
  }
  return { read, refused }
}

function sampleTest(name: string, run: (reading: Reading) => number): void {
  corpusTest(['email'], name, async () => run(await (reading ??= readSamples())))
}

describe('every sample mail', () => {
  sampleTest('ends as an envelope or as a catalogue error', ({ read, refused }) => {
    console.log(
      JSON.stringify({
        samples: read.size + refused.size,
        read: read.size,
        refused: Object.fromEntries(refused)
      })
    )
    expect(
      [...refused.values()].filter((code) => !/^READ_(LIMIT|UNPARSEABLE)$/.test(code))
    ).toEqual([])
    // A list of words without a header is the only one that is no mail.
    expect(refused.size).toBeLessThanOrEqual(2)
    return read.size
  })

  sampleTest('has an envelope that can be stored and a document for every content', ({ read }) => {
    const wrong = [...read].filter(
      ([, { envelope, contents }]) =>
        !draftSchema.safeParse(envelope).success ||
        contents.length !== envelope.documents.length ||
        JSON.stringify(envelope).includes('\\u0000')
    )
    expect(wrong.map(([name]) => name)).toEqual([])
    return read.size
  })

  sampleTest(
    'of a person stays a message: not one is taken for a bounce or an automatic answer',
    ({ read }) => {
      const human = [...read].filter(
        ([name]) => !name.startsWith('bounces-') && !reports.test(name)
      )
      const forwarded = [...read].filter(([name]) => /not-bounces|lhost-sendmail-14/.test(name))
      expect(
        [...human, ...forwarded].filter(([, { kind }]) => kind !== 'message').map(([name]) => name)
      ).toEqual([])
      return human.length + forwarded.length
    }
  )

  sampleTest('of a mail system is mostly known as a bounce', ({ read }) => {
    const expected = JSON.parse(readCorpus('email/bounces-sisimai/expected.json')) as Record<
      string,
      { reason: string }[]
    >
    const bounces = [...read].filter(
      ([name]) =>
        name.startsWith('bounces-sisimai/maildir/') &&
        expected[path.basename(name)]?.some(({ reason }) => reason !== 'vacation')
    )
    const known = bounces.filter(([, { kind }]) => kind === 'bounce')
    console.log(
      JSON.stringify({
        bounces: bounces.length,
        known: known.length,
        missed: bounces
          .filter(([, { kind }]) => kind !== 'bounce')
          .map(([name]) => path.basename(name))
      })
    )
    expect(known.length / bounces.length).toBeGreaterThanOrEqual(0.98)
    return bounces.length
  })

  sampleTest('that failed says whether the address is no good', ({ read }) => {
    const expected = JSON.parse(readCorpus('email/bounces-sisimai/expected.json')) as Record<
      string,
      { hard_bounce: boolean }[]
    >
    const failed = [...read].flatMap(([name, { envelope }]) => {
      const lasting = (envelope.evidence['report'] as { lasting?: boolean } | undefined)?.lasting
      const truth = expected[path.basename(name)]?.map((one) => one.hard_bounce)
      return truth && lasting !== undefined ? [truth.includes(lasting)] : []
    })
    const right = failed.filter(Boolean).length
    console.log(JSON.stringify({ failed: failed.length, right }))
    // Measured 246 of 258. Of the rest, most are servers that answer "unknown user" to what they
    // filter.
    expect(right / failed.length).toBeGreaterThanOrEqual(0.94)
    return failed.length
  })
})

corpusTest(
  ['email/mime/stalwart-legacy'],
  'the Hunny Software samples are read as another well-kept parser reads them',
  async () => {
    const agreement = await compareWithStalwart()
    console.log(JSON.stringify(agreement))
    // Measured 48 of 49 texts (the name of a picture stands in the HTML alone, and is added), 53 of
    // 55 documents (the two are uuencoded, which we decode), 52 of 55 names (one is broken in
    // theirs).
    expect(agreement.mailsWithText).toBeGreaterThanOrEqual(49)
    expect(agreement.sameText).toBeGreaterThanOrEqual(agreement.mailsWithText - 1)
    expect(agreement.sameBytes).toBeGreaterThanOrEqual(agreement.documents - 3)
    expect(agreement.sameName).toBeGreaterThanOrEqual(agreement.named - 4)
    return agreement.mails
  }
)
