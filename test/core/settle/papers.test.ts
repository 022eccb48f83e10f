/**
 * Everything a contact brings is compared: words, papers, answers, whom it is about. Settled for
 * real, from envelopes as reading leaves them.
 */
import { beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { createHash, randomUUID } from 'node:crypto'
import { linksOf } from '../../helpers/case-links.ts'
import type { EnvelopeDocument } from '../../../core/envelope.ts'
import { bringIn, contactRow, lineOf, settlerOf, type Mail } from '../../helpers/contacts.ts'
import { signedBy } from '../../helpers/letters.ts'
import { verifiedRuntime } from '../../helpers/verified-runtime.ts'

const runtime = await verifiedRuntime(['parks', 'water', 'general'])
beforeEach(() =>
  sql`truncate duplicate_contacts, duplicate_keys, campaigns, campaign_members cascade`.execute(
    runtime.db
  )
)

const clinic = {
  name: 'Dr. Ines Vogel',
  emails: ['ines.vogel@clinic.example'],
  phones: ['(217) 555-0187'],
  addresses: []
}
const note =
  'Please find attached the completed intake form for one of our patients. We would be grateful for an early appointment. With kind regards, Dr. Ines Vogel'
const letterA =
  'The gutter over the entrance of the town library drips on the steps since the storm in March, and in the mornings they are covered with ice. An old man fell there yesterday. Please have it repaired before somebody breaks a leg.'
const letterB =
  'The lamp in the underpass by the station flickers all night, and the lower steps cannot be seen. A woman with a pram nearly fell there yesterday. Please have it replaced before somebody is badly hurt.'

function file(name: string, bytes: string, more: Partial<EnvelopeDocument> = {}): EnvelopeDocument {
  return {
    name,
    mediaType: 'application/octet-stream',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    pages: 0,
    ...more
  }
}
const digital = (name: string, text: string, bytes = text) =>
  file(name, bytes, {
    mediaType: 'application/pdf',
    pages: 1,
    text,
    confidence: 1,
    source: 'text-layer',
    unreadPages: 0
  })
const scanned = (name: string, text: string, bytes = name + text) =>
  file(name, bytes, {
    mediaType: 'image/tiff',
    pages: 1,
    text,
    confidence: 0.94,
    source: 'ocr',
    unreadPages: 0
  })
const photo = (name: string, bytes = name) =>
  file(name, bytes, { mediaType: 'image/jpeg', pages: 1 })
const byPaper = (channel: 'fax' | 'postal', paper: EnvelopeDocument): Mail => ({
  channel,
  text: paper.text!,
  textFrom: 'documents',
  documents: [paper],
  to: ['+12175550100']
})

async function settle(...mails: Mail[]) {
  const accepted = []
  for (const mail of mails) {
    const one = await bringIn(runtime, {
      sender: clinic,
      text: note,
      ...mail,
      raw: { externalId: randomUUID() }
    })
    await settlerOf(runtime).settle([one.contactId])
    accepted.push(one)
  }
  return accepted
}

/** What became of the last of them, and what its links say. */
async function becomes(...mails: Mail[]) {
  const last = (await settle(...mails)).at(-1)!
  const links = await linksOf(runtime.db, last.contactId)
  return {
    outcome: (await contactRow(runtime, last.contactId)).outcome,
    links: links.map(({ state, reason, evidence }) => ({
      state,
      reason,
      differences: (evidence as { differences: string[] }).differences
    }))
  }
}

const joined = {
  outcome: 'duplicate',
  links: [{ state: 'joined', reason: 'the same text from the same party', differences: [] }]
}
const suggested = (doubt: string, ...differences: string[]) => ({
  outcome: 'case',
  links: [{ state: 'suggested', reason: `the same text, but ${doubt}`, differences }]
})
const doubted = (doubt: string) => ({
  outcome: 'case',
  links: [{ state: 'suggested', reason: `the same text, but ${doubt}` }]
})

describe('one covering note', () => {
  test('with two different papers is two cases, and the suggestion names the papers', async () => {
    expect(
      await becomes(
        { documents: [digital('form-a.pdf', letterA)] },
        { documents: [digital('form-b.pdf', letterB)] }
      )
    ).toEqual(suggested('with other papers', 'other papers: form-a.pdf / form-b.pdf'))
    expect(await lineOf(runtime)).toHaveLength(2)
  })

  test('with the very same paper is one case', async () => {
    expect(
      await becomes(
        { documents: [digital('form.pdf', letterA)] },
        { channel: 'web', documents: [digital('copy.pdf', letterA)] }
      )
    ).toEqual(joined)
  })

  test('of two words is told by its paper: the same one joins, another does not', async () => {
    const text = 'See attached.'
    const once = { text, documents: [digital('form-a.pdf', letterA)] }
    expect(await becomes(once, { ...once, channel: 'web' })).toEqual(joined)
    expect(
      await becomes(once, { text, channel: 'web', documents: [digital('form-b.pdf', letterB)] })
    ).toMatchObject({ outcome: 'case' })
  })

  test('with papers no machine could read is told by their bytes', async () => {
    expect(
      await becomes({ documents: [file('a.pages', 'a')] }, { documents: [file('b.pages', 'b')] })
    ).toEqual(suggested('with other papers', 'other papers: a.pages / b.pages'))
  })

  test('with two digital files of other bytes and the same words is for a person: what is no text may differ', async () => {
    expect(
      await becomes(
        { documents: [digital('a.pdf', letterA)] },
        { documents: [digital('b.pdf', letterA, 'saved again')] }
      )
    ).toMatchObject(doubted('with other papers'))
  })

  test('with a paper in one of them only is for a person', async () => {
    expect(
      await becomes({}, { channel: 'web', documents: [digital('form.pdf', letterA)] })
    ).toEqual(suggested('with a paper that only one of them has', 'only the later has: form.pdf'))
  })

  test('with one paper of two exchanged is two cases', async () => {
    const [same, a, b] = [
      digital('same.pdf', letterA),
      digital('a.pdf', letterB),
      digital('b.pdf', 'Invoice 44 of 3 May')
    ]
    expect(await becomes({ documents: [same, a] }, { documents: [b, same] })).toEqual(
      suggested('with other papers', 'other papers: a.pdf / b.pdf')
    )
  })

  test("with a mail program's own logo and signature is the same whatever those are", async () => {
    const own = (bytes: string) => [
      file('logo.png', bytes, { mediaType: 'image/png', inline: true }),
      file('signature.asc', `${bytes}s`, { mediaType: 'application/pgp-signature', inline: true })
    ]
    expect(await becomes({ documents: own('1') }, { channel: 'web', documents: own('2') })).toEqual(
      joined
    )
  })
})

describe('what nobody could fetch', () => {
  const missing = (name: string) => file(name, '', { withheld: 'The host did not answer.' })

  test('is like nothing else: two files without a byte are not the same paper', async () => {
    expect(
      await becomes({ documents: [missing('a.jpg')] }, { documents: [missing('b.jpg')] })
    ).toEqual(suggested('with other papers', 'other papers: a.jpg / b.jpg'))
    expect(
      await becomes(
        { text: letterA, documents: [missing('a.jpg')] },
        { text: letterA, documents: [missing('a.jpg')] }
      )
    ).toMatchObject(doubted('with other papers'))
    const bare = { text: '', channel: 'sms', documents: [missing('photo')] } as const
    expect(await becomes(bare, bare)).toEqual({ outcome: 'case', links: [] })
  })

  test('is told by the address that the report names', async () => {
    const report = (picture: string, more: object = {}, text = note): Mail => ({
      channel: 'open311',
      text,
      evidence: { mediaUrl: `https://photos.example/${picture}`, ...more }
    })
    expect(await becomes(report('1.jpg'), report('2.jpg'))).toMatchObject(
      doubted('with another picture that was not fetched')
    )
    expect(await becomes(report('3.jpg', {}, letterA), { text: letterA })).toMatchObject(
      doubted('with another picture that was not fetched')
    )
    const failed = { mediaHost: 'photos.example', mediaMissing: 'The host did not answer.' }
    expect(
      await becomes(report('4.jpg', failed, letterB), report('5.jpg', failed, letterB))
    ).toMatchObject(doubted('with another picture that was not fetched'))
  })

  test('and the same address is the same picture; one that was fetched is told by its bytes', async () => {
    const report = (picture: string, more = {}): Mail => ({
      channel: 'open311',
      text: letterB,
      evidence: { mediaUrl: `https://photos.example/${picture}`, ...more }
    })
    expect(await becomes(report('1.jpg'), report('1.jpg'))).toEqual(joined)
    const fetched = (name: string): Mail => ({
      ...report(name, { mediaHost: 'photos.example' }),
      text: letterA,
      documents: [photo('lamp.jpg')]
    })
    expect(await becomes(fetched('1.jpg?token=a'), fetched('1.jpg?token=b'))).toEqual(joined)
  })
})

describe('one sentence with photographs', () => {
  const sentence = {
    text: 'This is what the playground looked like when we came there with the children this morning.',
    channel: 'web'
  } as const

  test('two pictures are two cases; the same picture again is one', async () => {
    expect(
      await becomes(
        { ...sentence, documents: [photo('swing.jpg')] },
        { ...sentence, documents: [photo('slide.jpg')] }
      )
    ).toEqual(suggested('with other papers', 'other papers: swing.jpg / slide.jpg'))
    expect(
      await becomes(
        { ...sentence, documents: [photo('a.jpg', 'x')] },
        { ...sentence, documents: [photo('b.jpg', 'x')] }
      )
    ).toMatchObject({ outcome: 'duplicate' })
  })

  test('the same picture saved anew has other bytes: a person looks', async () => {
    expect(
      await becomes(
        { ...sentence, documents: [photo('swing.jpg', 'q90')] },
        { ...sentence, documents: [photo('swing.jpg', 'q70')] }
      )
    ).toMatchObject(doubted('with other papers'))
  })

  test('a street sign read on both does not make them one', async () => {
    const sign = (name: string) =>
      file(name, name, {
        mediaType: 'image/jpeg',
        pages: 1,
        text: 'MAPLE AVENUE 400-498 NO PARKING ANY TIME TOW AWAY ZONE',
        confidence: 0.95,
        source: 'ocr',
        unreadPages: 0
      })
    expect(
      await becomes(
        { ...sentence, documents: [sign('a.jpg')] },
        { ...sentence, documents: [sign('b.jpg')] }
      )
    ).toMatchObject(doubted('with other papers'))
  })

  test('and no word at all: the same picture is the same matter, another is not', async () => {
    const bare = (bytes: string): Mail => ({
      channel: 'web',
      text: '',
      documents: [photo('photo.jpg', bytes)]
    })
    expect(await becomes(bare('1'), bare('1'))).toMatchObject({ outcome: 'duplicate' })
    expect(await becomes(bare('2'), bare('3'))).toEqual({ outcome: 'case', links: [] })
  })
})

describe('a letter on paper', () => {
  const misread = letterA
    .replace('gutter', 'guttcr')
    .replace('entrance', 'entranoe')
    .replace('library', '1ibrary')

  test('by fax and by post is for a person: of two pictures of pages, what is written by hand on one is not read', async () => {
    expect(
      await becomes(
        byPaper('fax', scanned('fax.tif', letterA)),
        byPaper('postal', scanned('letter.pdf', letterA))
      )
    ).toMatchObject(doubted('with other papers'))
    const twice = {
      ...byPaper('fax', scanned('a.tif', letterB, 'b')),
      sender: { name: 'Kim Ode', emails: ['kim@mail.example'] }
    }
    expect(await becomes(twice, { ...twice, channel: 'postal' })).toMatchObject({
      outcome: 'duplicate'
    })
  })

  test('by fax joins the mail of the same words', async () => {
    expect(await becomes({ text: letterA }, byPaper('fax', scanned('fax.tif', misread)))).toEqual(
      joined
    )
  })

  test.each([
    ['another date', letterA.replace('in March', 'in May'), 'with words exchanged'],
    ['"not"', letterA.replace('Please have it', 'Please do not have it'), 'with words added'],
    ['another word', letterA.replace('old man', 'old dog'), 'with words exchanged'],
    ['another number', letterA.replace('yesterday', 'at 14.30'), 'with other numbers']
  ])('that says %s does not join', async (_, text, doubt) => {
    expect(
      await becomes({ text: letterA }, byPaper('fax', scanned('fax.tif', text)))
    ).toMatchObject(doubted(doubt))
    const again = { sender: { name: 'Kim Ode', emails: ['kim@mail.example'] } }
    expect(
      await becomes(
        { ...byPaper('fax', scanned('f.tif', letterA)), ...again },
        { ...byPaper('postal', scanned('l.pdf', text)), ...again }
      )
    ).toMatchObject(doubted('with other papers'))
  })

  test('with boxes to tick, or a page without words, is for a person: ticks, handwriting and pictures are not read', async () => {
    const form = `${letterA}\nDo you need an interpreter? [ ] yes [ ] no`
    expect(
      await becomes(
        byPaper('fax', scanned('f.tif', form)),
        byPaper('postal', scanned('l.pdf', form))
      )
    ).toMatchObject(doubted('with other papers'))
    const pictured = { ...scanned('l.pdf', letterA), pages: 2, unreadPages: 1 }
    expect(
      await becomes(byPaper('fax', scanned('f.tif', letterA)), byPaper('postal', pictured))
    ).toMatchObject({ outcome: 'case' })
  })

  test('enclosed with a note is found by what stands on it', async () => {
    const mail = {
      text: 'Dear colleagues, I send you what I wrote last week.',
      documents: [digital('letter.pdf', letterA)]
    }
    expect(await becomes(mail, byPaper('fax', scanned('fax.tif', misread)))).toMatchObject({
      outcome: 'case',
      links: [{ state: 'suggested', reason: 'the papers of one say what the other says' }]
    })
  })

  test('misread between two mails that differ joins neither, and so does not make them one', async () => {
    const at = (house: string) => letterA.replace('library', house)
    const [first, second, fax] = await settle(
      { text: at('house') },
      { text: at('horse'), channel: 'web' },
      byPaper('fax', scanned('fax.tif', at('housse')))
    )
    expect(
      (
        await Promise.all(
          [first!, second!, fax!].map(({ contactId }) => contactRow(runtime, contactId))
        )
      ).map(({ outcome }) => outcome)
    ).toEqual(['case', 'case', 'case'])
  })

  test('of an envelope older than the knowledge how it was read is never joined by reading alone', async () => {
    const { source: _, unreadPages: __, ...old } = scanned('letter.pdf', letterA)
    expect(
      await becomes(byPaper('fax', scanned('fax.tif', letterA)), byPaper('postal', old))
    ).toMatchObject({ outcome: 'case' })
  })
})

describe('the same words', () => {
  test.each<[string, Mail, Mail, string]>([
    [
      'under another subject',
      { subject: 'Permit 2024-118' },
      { subject: 'Permit 2024-119' },
      'with another subject'
    ],
    [
      'under a subject that only one has',
      { subject: 'Do not act yet' },
      {},
      'with a subject that only one of them has'
    ],
    [
      'by the same form with another answer',
      { channel: 'web', answers: { site: 'north' } },
      { channel: 'web', answers: { site: 'south' } },
      'with other answers'
    ],
    [
      'about another patient',
      { parties: [{ role: 'subject', name: 'Ana Ruiz', emails: [], phones: [], addresses: [] }] },
      { parties: [{ role: 'subject', name: 'Bo Lind', emails: [], phones: [], addresses: [] }] },
      'about or for somebody else'
    ],
    [
      'from another place in the street',
      { place: { lat: 30.27, long: -97.74 } },
      { place: { lat: 30.2708, long: -97.74 } },
      'perhaps of another place'
    ],
    [
      'above another quoted mail',
      { text: `${note}\n> Patient: Ana Ruiz` },
      { text: `${note}\n> Patient: Bo Lind` },
      'with words exchanged'
    ],
    [
      'on two recordings',
      { channel: 'phone', textFrom: 'transcript', documents: [file('recording.wav', '1')] },
      { channel: 'phone', textFrom: 'transcript', documents: [file('recording.wav', '2')] },
      'with other papers'
    ]
  ])('%s are for a person', async (_, one, other, doubt) => {
    expect(await becomes(one, other)).toMatchObject(doubted(doubt))
  })

  test('by mail with a subject and by fax without one are one', async () => {
    expect(
      await becomes(
        { text: letterA, subject: 'Re: Gutter of the library' },
        byPaper('fax', scanned('fax.tif', letterA))
      )
    ).toEqual(joined)
  })

  test('of different people with papers of their own are a campaign still, each its own case', async () => {
    const mail = (who: string): Mail => ({
      ...signedBy(who),
      documents: [digital(`${who}.pdf`, `Lease of ${who}`)]
    })
    const contacts = await settle(mail('Ada Bell'), mail('Carl Dorn'), mail('Eva Funk'))
    expect(await lineOf(runtime)).toHaveLength(3)
    const { rows } =
      await sql`select contact_id from campaign_members where left_at is null`.execute(runtime.db)
    expect(rows).toHaveLength(contacts.length)
  })
})
