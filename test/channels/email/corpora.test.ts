import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Translation } from '../../../core/channel.ts'
import { draftSchema } from '../../../core/envelope.ts'
import { EvenhandError } from '../../../core/errors.ts'
import { compareWithStalwart } from './agreement.ts'
import { corpora, haveCorpora, sample, sampleMails, translated } from './support.ts'

/** Samples outside the bounce set that are reports of mail systems, as their names or their headers say. */
const reports = /delivery-status|bounce|multipart[-_]report|report_\d+|postal-mime\/arf|raw_email_with_mimepart_without_content_type/

if (haveCorpora) {
  describe('every sample mail', () => {
    const read = new Map<string, Translation>()
    const refused = new Map<string, string>()

    beforeAll(async () => {
      for (const name of sampleMails()) {
        try {
          read.set(name, await translated(sample(name)))
        } catch (error) {
          refused.set(name, error instanceof EvenhandError ? error.code : `crash: ${String(error)}`)
        }
      }
    })

    test('ends as an envelope or as a catalogue error', () => {
      console.log(JSON.stringify({ samples: read.size + refused.size, read: read.size, refused: Object.fromEntries(refused) }))
      expect(read.size).toBeGreaterThan(600)
      expect([...refused.values()].filter((code) => !/^READ_(LIMIT|UNPARSEABLE)$/.test(code))).toEqual([])
      // A list of words without a header is the only one that is no mail.
      expect(refused.size).toBeLessThanOrEqual(2)
    })

    test('has an envelope that can be stored and a document for every content', () => {
      const wrong = [...read].filter(([, { envelope, contents }]) => !draftSchema.safeParse(envelope).success || contents.length !== envelope.documents.length || JSON.stringify(envelope).includes('\\u0000'))
      expect(wrong.map(([name]) => name)).toEqual([])
    })

    test('of a person stays a message: not one is taken for a bounce or an automatic answer', () => {
      const human = [...read].filter(([name]) => !name.startsWith('bounces-') && !reports.test(name))
      const forwarded = [...read].filter(([name]) => /not-bounces|lhost-sendmail-14/.test(name))
      const lost = [...human, ...forwarded].filter(([, { kind }]) => kind !== 'message').map(([name]) => name)
      console.log(JSON.stringify({ human: human.length + forwarded.length, lost: lost.length }))
      expect(human.length).toBeGreaterThan(280)
      expect(lost).toEqual([])
    })

    test('of a mail system is mostly known as a bounce', () => {
      const expected = JSON.parse(readFileSync(path.join(corpora, 'bounces-sisimai/expected.json'), 'utf8')) as Record<string, { reason: string }[]>
      const bounces = [...read].filter(([name]) => name.startsWith('bounces-sisimai/maildir/') && expected[path.basename(name)]?.some(({ reason }) => reason !== 'vacation'))
      const known = bounces.filter(([, { kind }]) => kind === 'bounce')
      console.log(JSON.stringify({ bounces: bounces.length, known: known.length, missed: bounces.filter(([, { kind }]) => kind !== 'bounce').map(([name]) => path.basename(name)) }))
      expect(known.length / bounces.length).toBeGreaterThan(0.88)
    })
  })

  describe('the Hunny Software samples', () => {
    test('are read as another well-kept parser reads them', async () => {
      const agreement = await compareWithStalwart()
      console.log(JSON.stringify(agreement))
      // Measured 49 of 49 texts, 53 of 55 documents (the two are uuencoded, which we decode), 52 of 55 names (one is broken in theirs).
      expect(agreement.mailsWithText).toBeGreaterThanOrEqual(49)
      expect(agreement.sameText).toBeGreaterThanOrEqual(agreement.mailsWithText - 1)
      expect(agreement.sameBytes).toBeGreaterThanOrEqual(agreement.documents - 3)
      expect(agreement.sameName).toBeGreaterThanOrEqual(agreement.named - 4)
    })
  })
} else {
  test('the sample mails are absent here; only our own fixtures were read', () => {
    expect(sampleMails()).toEqual([])
  })
}
