/** Lists name a case by what it is about, never by a code. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { addNote } from '../../../../core/replies/notes.ts'
import { sendReply } from '../../../../core/replies/send.ts'
import { newId } from '../../../../platform/ids.ts'
import { copyConfig } from '../../../helpers/config.ts'
import { emptyLine, stand, take, town, type Stood } from '../../../helpers/contacts.ts'
import { temporaryFolder } from '../../../helpers/running.ts'
import { openSite, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let agent: SignedIn
beforeAll(async () => {
  const folder = temporaryFolder()
  copyConfig(folder, { water: 'approval: true' })
  site = await openSite({ CONFIG_DIR: folder })
  agent = await signIn(site, 'agent', ['streets', 'water'])
})
afterAll(() => site.close())

const ann = 'staff:ann'

/** A case without a subject, in Ann's hands. */
async function inHand(department: string, text: string): Promise<Stood> {
  await emptyLine(site.runtime, department)
  const stood = await stand(site.runtime, { to: town(department), text, subject: '' })
  await take(site.runtime, ann, department)
  return stood
}

async function answer({ caseId, contactId }: Stood, way: 'call' | 'mail'): Promise<void> {
  await sendReply(site.runtime, {
    replyId: newId(),
    caseId,
    contactId,
    actor: ann,
    way,
    address: way === 'call' ? '+12175550142' : 'rosa@people.example',
    typed: true,
    name: undefined,
    language: 'en',
    subject: '',
    text: 'We fill it on Monday.'
  })
}

const links = async (path: string, visitor = agent) =>
  [...(await visitor.get(path)).text.matchAll(/<a href="[^"]*">(?:<bdi>)?([^<]*)/g)].map(
    ([, words]) => words
  )

test('what is to do, what names somebody and what waits for a second look', async () => {
  const call = await inHand('streets', 'Elm Street has a hole.\nIt is deep.')
  await answer(call, 'call')
  await answer(await inHand('water', 'The hydrant leaks.'), 'mail')
  const noted = await inHand('streets', '')
  await addNote(site.runtime.db, {
    noteId: newId(),
    caseId: noted.caseId,
    actor: ann,
    text: 'Please look',
    mentions: [agent.staff.id]
  })
  const shown = await links('/desk')
  expect(shown).toContain('The hydrant leaks.')
  expect(shown).toContain('Without words')
  expect(shown.some((one) => one?.startsWith('Elm Street has a hole.'))).toBe(true)
  for (const { receipt } of [call, noted]) expect(shown).not.toContain(receipt)
})

test('receipts that are owed on paper', async () => {
  const stood = await stand(site.runtime, { channel: 'postal', text: 'The bench is broken.' })
  await site.runtime.db
    .updateTable('outbound')
    .set({ state: 'undeliverable', reason: 'no address' })
    .where('contact_id', '=', stood.contactId)
    .execute()
  const shown = await links('/desk/slips')
  expect(shown).toContain('The bench is broken.')
  expect(shown).not.toContain(stood.receipt)
})
