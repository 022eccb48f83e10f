import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { casesOf, lineOf, stand, town, type Mail, type Stood } from '../../../helpers/contacts.ts'
import { petition, signedBy } from '../../../helpers/letters.ts'
import { openSite, type Page, type Site, type Visitor } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let supervisor: SignedIn
let agent: SignedIn
beforeAll(async () => {
  site = await openSite()
  supervisor = await signIn(site, 'supervisor', ['parks'])
  agent = await signIn(site, 'agent', ['water'])
})
afterAll(() => site.close())

async function act(who: Visitor, path: string, fields: Record<string, string>): Promise<Page> {
  const page = await who.get('/desk')
  return who.post(path, { _csrf: page.input('_csrf'), ...fields })
}

const from = (sender: NonNullable<Mail['sender']>, more: Mail = {}) =>
  stand(site.runtime, { text: randomUUID(), sender, raw: { externalId: randomUUID() }, ...more })

/** Somebody known, and a contact that may be from them: a shared mail address and nothing else. */
async function knownAndPossible(
  name: string,
  to = town('parks')
): Promise<{ known: Stood; possible: Stood }> {
  const email = `${randomUUID()}@mail.example`
  const known = await from({ name, emails: [email], phones: ['(217) 555-0142'] }, { to })
  return { known, possible: await from({ emails: [email] }, { to }) }
}

async function personOf(contact: Stood): Promise<string> {
  const page = await supervisor.get(`/desk/cases/${contact.caseId}`)
  return /\/desk\/people\/(\d+)/.exec(page.text)![1]!
}

describe('the page "who is this"', () => {
  test('shows the earliest that waits with who it may be and why; a choice links it and goes to the next', async () => {
    const { known, possible } = await knownAndPossible('Ines Moreno')
    const home = await supervisor.get('/desk/people')
    expect(home.text).toContain(`/desk/people/review/${possible.contactId}/sender`)
    const page = await supervisor.get(`/desk/people/review/${possible.contactId}/sender`)
    expect(page.text).toContain('Ines Moreno')
    expect(page.text).toMatch(/Why: .+ to 1 for one person/)
    const place = (await lineOf(site.runtime)).indexOf(possible.caseId)
    const answer = await act(supervisor, `/desk/people/review/${possible.contactId}/sender`, {
      who: await personOf(known),
      do: 'stop'
    })
    expect(answer.headers.get('location')).toBe('/desk/people')
    expect((await supervisor.get(`/desk/people/${await personOf(known)}`)).text).toContain(
      possible.receipt
    )
    expect((await lineOf(site.runtime)).indexOf(possible.caseId)).toBe(place)
    expect(
      (await supervisor.get(`/desk/people/review/${possible.contactId}/sender`)).headers.get(
        'location'
      )
    ).toBe('/desk/people')
  })

  test('takes nobody who was not put forward', async () => {
    const { possible } = await knownAndPossible('Paul Berg')
    const { known: other } = await knownAndPossible('Somebody Else')
    expect(
      (
        await act(supervisor, `/desk/people/review/${possible.contactId}/sender`, {
          who: await personOf(other)
        })
      ).status
    ).toBe(400)
    expect(
      (await act(supervisor, `/desk/people/review/${possible.contactId}/sender`, { who: '' }))
        .status
    ).toBe(400)
  })

  test('is closed to other departments and to the mailroom', async () => {
    const { known, possible } = await knownAndPossible('Nadia Ek')
    expect(
      (await agent.get(`/desk/people/review/${possible.contactId}/sender`)).headers.get('location')
    ).toBe('/desk/people')
    expect(
      (
        await act(agent, `/desk/people/review/${possible.contactId}/sender`, { who: 'new' })
      ).headers.get('location')
    ).toBe('/desk/people')
    expect((await agent.get(`/desk/people/${await personOf(known)}`)).status).toBe(404)
    expect((await act(agent, '/desk/people', { who: 'Nadia Ek' })).text).not.toMatch(
      /href="\/desk\/people\/\d/
    )
    expect((await (await signIn(site, 'mailroom')).get('/desk/people')).status).toBe(403)
  })
})

describe('somebody on record', () => {
  test('is found by name, without the name in an address', async () => {
    await from({ name: 'Wilhelmina Quist', emails: ['w.quist@mail.example'] })
    const found = await act(supervisor, '/desk/people', { who: 'Wilhelmina Quist' })
    expect([
      found.status,
      /href="\/desk\/people\/\d+"><bdi>Wilhelmina Quist/.test(found.text)
    ]).toEqual([200, true])
    expect((await act(supervisor, '/desk/people', { who: 'Nobody Atall' })).text).toContain(
      'Nobody on record fits'
    )
  })

  test('is merged with another number and taken apart exactly; an agent may not', async () => {
    const one = await personOf(await from({ name: 'Tove Lind', emails: ['tove@mail.example'] }))
    const other = await personOf(
      await from({
        name: 'Tove Lindqvist',
        phones: ['(217) 555-0177'],
        emails: ['tl@work.example']
      })
    )
    const before = (await supervisor.get(`/desk/people/${other}`)).text
    expect((await act(agent, `/desk/people/${one}/merge`, { other, reason: 'x' })).status).toBe(403)
    const refused = await act(supervisor, `/desk/people/${one}/merge`, { other, reason: '' })
    expect(refused.text).toContain('A reason is required.')
    expect(refused.text).toContain(`value="${other}"`)
    await act(supervisor, `/desk/people/${one}/merge`, { other, reason: 'married' })
    const merged = (await supervisor.get(`/desk/people/${other}`)).text
    expect([merged.includes('tove@mail.example'), merged.includes('tl@work.example')]).toEqual([
      true,
      true
    ])
    const merge = /merges\/(\d+)\/undo/.exec(merged)![1]!
    await act(supervisor, `/desk/people/${one}/merges/${merge}/undo`, { reason: 'not the same' })
    await supervisor.get(`/desk/people/${other}`)
    const tokenless = (text: string) => text.replace(/name="_csrf" value="[^"]*"/g, '')
    expect(tokenless((await supervisor.get(`/desk/people/${other}`)).text)).toBe(tokenless(before))
  })

  test.each(['0', '-1', '99999999999999999999', 'x', '1;drop'])(
    'that cannot be is unknown: %s',
    async (id) => {
      expect((await supervisor.get(`/desk/people/${encodeURIComponent(id)}`)).status).toBe(404)
    }
  )

  test('thresholds show the pairs that people decided, and weights', async () => {
    const { known, possible } = await knownAndPossible('Ruth Adler')
    await act(supervisor, `/desk/people/review/${possible.contactId}/sender`, {
      who: await personOf(known),
      do: 'stop'
    })
    const page = await supervisor.get('/desk/people/thresholds')
    expect(page.text).toMatch(/\d+ pairs were put before a person, \d+ of them are one person/)
    expect(page.text).toContain('<polyline class="chart-precision" points="')
    expect((await agent.get('/desk/people/thresholds')).status).toBe(403)
  })
})

describe('the same matter', () => {
  const text =
    'The playground gate on Birch Lane has been broken since the storm, and the little ones run straight onto the road. The hinge on the left side is torn out of the post.'
  const sender = { name: 'Omar Haddad', emails: ['omar@mail.example'] }

  test('of the same person is joined; one click with a reason gives it its own case at its own place', async () => {
    const first = await from(sender, { text })
    const later = await from(sender, { text: `${text} `, to: town('parks') })
    expect(await casesOf(site.runtime, later.contactId)).toEqual([])
    const page = await supervisor.get(`/desk/cases/${first.caseId}`)
    expect(page.text).toContain('The same matter again by e-mail')
    await act(supervisor, `/desk/cases/${first.caseId}/contacts/${later.contactId}/apart`, {
      reason: ''
    })
    expect(await casesOf(site.runtime, later.contactId)).toEqual([])
    await act(supervisor, `/desk/cases/${first.caseId}/contacts/${later.contactId}/apart`, {
      reason: 'another gate'
    })
    const [own] = await casesOf(site.runtime, later.contactId)
    const line = await lineOf(site.runtime)
    expect(line.indexOf(own!.id)).toBeGreaterThan(line.indexOf(first.caseId))
    expect((await supervisor.get(`/desk/cases/${first.caseId}`)).text).toContain(
      'Was joined, and taken apart again'
    )
  })

  test('that is only likely is suggested: joined or declined by a person, and only on the page of its case', async () => {
    const words =
      'Every evening the fountain in Mill Park overflows and the path along the pond is under water, so that nobody with a pram or a wheelchair can pass it.'
    const first = await from({ name: 'Lea Sand', emails: ['lea@mail.example'] }, { text: words })
    const other = await from({ emails: ['lea@mail.example'] }, { text: words })
    const path = /\/desk\/cases\/[0-9a-f-]+\/links\/[0-9a-f-]+\/join/.exec(
      (await supervisor.get(`/desk/cases/${other.caseId}`)).text
    )?.[0]
    expect(path).toBeDefined()
    expect((await act(agent, path!, { reason: 'mine' })).status).toBe(404)
    await act(supervisor, path!, { reason: 'she called' })
    expect((await casesOf(site.runtime, other.contactId)).map(({ state }) => state)).toEqual([
      'joined'
    ])
    expect((await supervisor.get(`/desk/cases/${first.caseId}`)).text).toContain(
      'The same matter again by e-mail'
    )
  })

  test("in another department's line is neither joined nor declined from here, and its words are not shown", async () => {
    const words =
      "The street lamp by the tram stop at Harbour Road flickers all night long, and the light falls straight into the bedrooms of the old people's home across the way."
    const inParks = await from({}, { text: words })
    const inWater = await from({}, { text: words, to: town('water') })
    const seen = await supervisor.get(`/desk/cases/${inWater.caseId}`)
    const path = /\/desk\/cases\/[0-9a-f-]+\/links\/[0-9a-f-]+\//.exec(seen.text)![0]
    expect(seen.text).toContain('Both say: ')
    const hidden = await agent.get(`/desk/cases/${inWater.caseId}`)
    expect(hidden.text).toContain('a contact of another department')
    expect(hidden.text).not.toContain('Both say: ')
    for (const verb of ['join', 'decline'])
      expect((await act(agent, `${path}${verb}`, { reason: 'mine' })).status).toBe(404)
    for (const one of [inParks, inWater])
      expect((await casesOf(site.runtime, one.contactId)).map(({ state }) => state)).toEqual([
        'waiting'
      ])
    await act(supervisor, `${path}decline`, { reason: 'two lamps' })
    expect((await supervisor.get(`/desk/cases/${inWater.caseId}`)).text).toContain(
      'Another matter, as a person said'
    )
  })
})

describe('a campaign', () => {
  test("is read once: the shared text, each one's own words, every case at its own place; an answer goes to each, once", async () => {
    const letters = []
    for (const [name, own] of [
      ['Ada Byrne', 'My twins learned to read there.'],
      ['Bo Carver', ''],
      ['Cy Dunn', 'I am 82 and it is my only walk.']
    ] as const)
      letters.push(await stand(site.runtime, signedBy(name, own)))
    expect(new Set(letters.map(({ caseId }) => caseId)).size).toBe(3)
    const list = await supervisor.get('/desk/campaigns')
    const path = /\/desk\/campaigns\/[0-9a-f-]+/.exec(list.text)![0]
    const page = await supervisor.get(path)
    expect(page.text).toContain('Campaign of 3 letters')
    expect(page.text).toContain(petition.slice(0, 60))
    expect(page.text).toMatch(/\[own words: <\/span>My twins learned to read there\./)
    expect(page.text).toContain('Nothing but the shared text.')
    expect((await supervisor.get(`/desk/cases/${letters[0]!.caseId}`)).text).toContain(
      'One of 3 letters that share wording'
    )
    const answer = { answer: page.input('answer'), text: 'The council will hear it on Monday.' }
    await act(supervisor, `${path}/answer`, answer)
    await act(supervisor, `${path}/answer`, answer)
    const messages = await site.runtime.db
      .selectFrom('outbound')
      .select('contact_id')
      .where('kind', 'like', 'answer:%')
      .execute()
    expect(messages.map(({ contact_id: id }) => id).toSorted()).toEqual(
      letters.map(({ contactId }) => contactId).toSorted()
    )
    expect(
      (await act(supervisor, `${path}/answer`, { answer: page.input('answer'), text: '' })).status
    ).toBe(422)
    expect((await act(agent, `${path}/answer`, answer)).status).toBe(403)
    expect((await agent.get(path)).status).toBe(404)
    const {
      rows: [part]
    } = await sql<{
      id: string
    }>`insert into campaigns (merged_into, merged_why, merged_at)
        values (${path.split('/').at(-1)!}, 'a letter holds the wording of both', now())
        returning id`.execute(site.runtime.db)
    await sql`update campaign_members set campaign_id = ${part!.id}
        where contact_id = ${letters[1]!.contactId}`.execute(site.runtime.db)
    expect((await supervisor.get(path)).text).toMatch(/Merged into it[\s\S]*1 letter</)
    expect((await act(agent, `${path}/merged/${part!.id}/apart`, { reason: 'x' })).status).toBe(403)
    expect(
      (await act(supervisor, `${path}/merged/${randomUUID()}/apart`, { reason: 'x' })).status
    ).toBe(404)
    await act(supervisor, `${path}/merged/${part!.id}/apart`, { reason: '' })
    expect((await supervisor.get(path)).text).toContain('Campaign of 3 letters')
    await act(supervisor, `${path}/merged/${part!.id}/apart`, { reason: 'two libraries' })
    const apart = (await supervisor.get(path)).text
    expect([apart.includes('Campaign of 2 letters'), apart.includes('Merged into it')]).toEqual([
      true,
      false
    ])
    await act(supervisor, `${path}/letters/${letters[2]!.contactId}/out`, {
      reason: 'about something else'
    })
    expect((await supervisor.get(path)).text).toContain('Campaign of 1 letters')
  })
})
