import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { fromFile } from '../../channels/web/from-file.ts'
import type { RawContact } from '../../core/channel.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'
import { openSite, Visitor, type Page, type Site } from '../helpers/site.ts'
import { password, signIn, type SignedIn } from '../helpers/staff.ts'

let site: Site
let pipeline: Pipeline
beforeAll(async () => {
  site = await openSite()
  pipeline = openPipeline(site.ground)
})
afterAll(async () => {
  await pipeline.close()
  await site.close()
})

/** Contacts in their line, or in quarantine, in the order given. */
async function bringIn(...raws: RawContact[]): Promise<string[]> {
  const accepted = []
  for (const raw of raws) accepted.push(await site.ground.intake.accept(raw))
  await pipeline.run(accepted.map(({ contactId }) => contactId))
  return accepted.map(({ receipt }) => receipt)
}

function contact(topic: string, message: string, more: Record<string, string> = {}): RawContact {
  return fromFile('test.json', Buffer.from(JSON.stringify({ form: 'contact', fields: { topic, message, ...more } })), site.ground.agency())
}

function part(head: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`
}

/** A file in a form, which the stored original shows as multipart. */
function withFile(topic: string, message: string, name: string, content: string): RawContact {
  const bytes = Buffer.from(`${part('name="topic"', topic)}${part('name="message"', message)}${part(`name="attachments"; filename="${name}"\r\nContent-Type: text/html`, content)}--b--\r\n`)
  return { ...contact(topic, message), bytes, mediaType: 'multipart/form-data; boundary=b' }
}

async function act(agent: Visitor, path: string, fields: Record<string, string> = {}): Promise<Page> {
  const page = await agent.get('/desk')
  return agent.post(path, { _csrf: page.input('_csrf'), ...fields })
}

async function takeFrom(agent: SignedIn, department: string): Promise<string> {
  const answer = await act(agent, `/desk/departments/${department}/take`)
  return answer.headers.get('location')!
}

describe('signing in at the desk', () => {
  test('asks everyone who is not, and leads back to where they wanted to go', async () => {
    const visitor = new Visitor(site.url)
    const asked = await visitor.get('/desk/quarantine')
    expect([asked.status, asked.headers.get('location')]).toEqual([303, '/desk/sign-in?next=%2Fdesk%2Fquarantine'])
    const { staff } = await signIn(site, 'mailroom')
    const page = await visitor.get(asked.headers.get('location')!)
    const answer = await visitor.post('/desk/sign-in', { _csrf: page.input('_csrf'), email: staff.email, password, next: page.input('next') })
    expect(answer.headers.get('location')).toBe('/desk/quarantine')
  })

  test.each(['https://evil.example', '//evil.example', '/desk//evil.example', '/desk/../..', '/\\evil.example', '/desk/sign-out'])('leads nowhere else: %s', async (next) => {
    const page = await new Visitor(site.url).get(`/desk/sign-in?next=${encodeURIComponent(next)}`)
    expect(page.input('next')).toBe('/desk')
  })

  test('keeps the address typed and says nothing of what was wrong', async () => {
    const visitor = new Visitor(site.url)
    const page = await visitor.get('/desk/sign-in')
    const answer = await visitor.post('/desk/sign-in', { _csrf: page.input('_csrf'), email: 'ana@town.example', password: 'my secret words' })
    expect(answer.status).toBe(401)
    expect(answer.text).toContain('value="ana@town.example"')
    expect(answer.text).not.toContain('my secret words')
  })

  test('an address that tries more than ten times in a minute has to wait', async () => {
    const visitor = new Visitor(site.url)
    const page = await visitor.get('/desk/sign-in')
    const attempts = await Promise.all(Array.from({ length: 11 }, () => visitor.post('/desk/sign-in', { _csrf: page.input('_csrf'), email: 'x@town.example', password: 'x' })))
    expect(attempts.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 10 }, () => 401), 429])
  })

  test('ends with signing out', async () => {
    const agent = await signIn(site, 'agent')
    const session = agent.cookies.get('evenhand-session')!
    expect((await act(agent, '/desk/sign-out')).headers.get('location')).toBe('/desk/sign-in')
    agent.cookies.set('evenhand-session', session)
    expect((await agent.get('/desk')).status).toBe(303)
  })
})

describe('a post without its token', () => {
  test.each([
    '/desk/sign-in', '/desk/sign-out', '/desk/departments/water/take', '/desk/staff', '/desk/setup/x',
    '/desk/cases/00000000-0000-0000-0000-000000000000/close', '/desk/quarantine/00000000-0000-0000-0000-000000000000/release'
  ])('%s is refused', async (path) => {
    const admin = await signIn(site, 'admin', ['water'])
    expect((await admin.post(path, { reason: 'x' })).status).toBe(403)
    const other = await signIn(site, 'admin')
    const theirs = (await other.get('/desk')).input('_csrf')
    expect((await admin.post(path, { _csrf: theirs, reason: 'x' })).status).toBe(403)
  })
})

describe('a department\'s line', () => {
  test('gives the case that arrived first, to one person only', async () => {
    const [first, second] = await bringIn(contact('parks', 'A bench is broken'), contact('parks', 'When does the pool open this summer?'))
    const [one, two] = [await signIn(site, 'agent', ['parks']), await signIn(site, 'agent', ['parks'])]
    expect((await one.get('/desk')).text).toMatch(/<strong>2<\/strong> waiting/)
    const [mine, theirs] = [await takeFrom(one, 'parks'), await takeFrom(two, 'parks')]
    expect((await one.get(mine)).text).toContain(first)
    expect((await two.get(theirs)).text).toContain(second)
    expect((await one.get('/desk')).text).toContain(`href="${mine}"`)
  })

  test('says so when nobody waits', async () => {
    const agent = await signIn(site, 'agent', ['clerk'])
    expect(await takeFrom(agent, 'clerk')).toBe('/desk')
    expect((await agent.get('/desk')).text).toContain('Nobody is waiting')
  })

  test('is closed to those who do not serve it', async () => {
    const agent = await signIn(site, 'agent', ['clerk'])
    expect((await act(agent, '/desk/departments/water/take')).status).toBe(403)
    expect((await agent.get('/desk')).text).not.toContain('/desk/departments/water/take')
  })
})

describe('a case in hand', () => {
  let agent: SignedIn
  let path: string
  let receipt: string
  beforeEach(async () => {
    agent = await signIn(site, 'agent', ['water'])
    ;[receipt] = await bringIn(contact('water', `No pressure since Monday <img src=x onerror=alert(1)> ${crypto.randomUUID()}`, { name: 'Ana Ruiz', email: 'ana@example.com' })) as [string]
    path = await takeFrom(agent, 'water')
  })

  test('shows what came, from whom and how it came here, inert', async () => {
    const page = await agent.get(path)
    for (const part of [receipt, 'No pressure since Monday', 'Ana Ruiz', 'ana@example.com', 'What is it about?', 'Water or sewer', 'taken, Test agent', 'topic-water']) expect(page.text).toContain(part)
    expect(page.text).not.toContain('<img src=x')
  })

  const verbs: [verb: string, fields: Record<string, string>, state: string, event: string][] = [
    ['return', {}, 'waiting', 'case.returned'],
    ['pass', { reason: 'Speaks Hmong' }, 'waiting', 'case.passed'],
    ['transfer', { department: 'housing', reason: 'Rent question' }, 'waiting', 'case.transferred'],
    ['hand-off', { to: 'County water authority', reason: 'Their main' }, 'handed-off', 'case.handed-off'],
    ['close', { outcome: 'Answered by phone', note: 'Called twice' }, 'closed', 'case.closed']
  ]
  test.each(verbs)('%s', async (verb, fields, state, event) => {
    expect((await act(agent, `${path}/${verb}`, fields)).headers.get('location')).toBe('/desk')
    const caseId = path.split('/').at(-1)!
    const row = await site.ground.db.selectFrom('cases').selectAll().where('id', '=', caseId).executeTakeFirstOrThrow()
    expect(row.state).toBe(state)
    const events = await site.ground.db.selectFrom('events').select(['kind', 'actor', 'data']).where('case_id', '=', caseId).orderBy('id').execute()
    expect(events.at(-1)).toMatchObject({ kind: event, actor: `staff:${agent.staff.id}` })
  })

  test.each([['pass', {}], ['hand-off', { to: 'County' }], ['hand-off', { reason: 'x' }], ['close', { note: 'x' }], ['transfer', { department: 'moon' }]])('%s without what it needs changes nothing: %j', async (verb, fields) => {
    expect((await act(agent, `${path}/${verb}`, fields)).headers.get('location')).toBe(path)
    const page = await agent.get(path)
    expect(page.text).toContain('usa-alert--error')
    expect(page.text).toContain('by you')
  })

  test('can be acted on by its holder only', async () => {
    const colleague = await signIn(site, 'supervisor', ['water'])
    expect((await colleague.get(path)).text).not.toContain(`${path}/close`)
    await act(colleague, `${path}/close`, { outcome: 'Not yours' })
    expect((await colleague.get(path)).text).toContain('is not being served by you')
    expect((await site.ground.db.selectFrom('cases').select('state').where('id', '=', path.split('/').at(-1)!).executeTakeFirstOrThrow()).state).toBe('taken')
  })

  test('is unknown to another department, like one that does not exist', async () => {
    const stranger = await signIn(site, 'agent', ['parks'])
    const pages = await Promise.all([path, '/desk/cases/00000000-0000-0000-0000-000000000000', '/desk/cases/x', "/desk/cases/'--"].map((address) => stranger.get(address)))
    expect(new Set(pages.map((page) => `${page.status} ${page.text}`)).size).toBe(1)
    expect(pages[0]!.status).toBe(404)
  })

  test('that ended can be reopened with a reason, at its place', async () => {
    await act(agent, `${path}/close`, { outcome: 'Done' })
    expect((await agent.get(path)).text).toContain(`${path}/reopen`)
    await act(agent, `${path}/reopen`, { reason: 'Broke again' })
    expect((await agent.get(path)).text).toContain('Waiting in line')
  })
})

describe('a document', () => {
  test('is only ever downloaded, whatever it claims to be', async () => {
    const agent = await signIn(site, 'agent', ['permits'])
    await bringIn(withFile('permits', 'My plan is attached', 'plan ü.html', '<script>alert(1)</script>'))
    const path = await takeFrom(agent, 'permits')
    const link = /href="([^"]+\/documents\/0)"/.exec((await agent.get(path)).text)![1]!
    const file = await agent.get(link)
    expect(file.text).toBe('<script>alert(1)</script>')
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="/)
    expect(file.headers.get('content-type')).toBe('application/octet-stream')
    expect(file.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(file.headers.get('x-content-type-options')).toBe('nosniff')
    const stranger = await signIn(site, 'agent', ['parks'])
    expect((await stranger.get(link)).status).toBe(404)
    expect((await agent.get(link.replace(/0$/, '7'))).status).toBe(404)
    expect((await agent.get(link.replace(/0$/, '-1'))).status).toBe(404)
  })
})

describe('quarantine', () => {
  test('shows why, gives the original and releases with a reason to the place it had', async () => {
    const [receipt] = await bringIn({ ...contact('sanitation', 'x'), bytes: Buffer.from('not multipart'), mediaType: 'multipart/form-data; boundary=zzz' })
    const clerk = await signIn(site, 'mailroom', ['general'])
    const page = await clerk.get('/desk/quarantine')
    expect(page.text).toContain(receipt)
    expect(page.text).toContain('could not be read by machine')
    const id = /\/desk\/quarantine\/([0-9a-f-]{36})\/original/.exec(page.text)![1]!
    expect((await clerk.get(`/desk/quarantine/${id}/original`)).text).toBe('not multipart')
    await act(clerk, `/desk/quarantine/${id}/release`, { reason: '' })
    expect((await clerk.get('/desk/quarantine')).text).toContain('A reason is required')
    await act(clerk, `/desk/quarantine/${id}/release`, { reason: 'Harmless' })
    expect((await clerk.get('/desk/quarantine')).text).not.toContain(receipt)
    await pipeline.run([id])
    expect((await clerk.get(await takeFrom(clerk, 'general'))).text).toContain(receipt)
  })

  test('is not for agents', async () => {
    const agent = await signIn(site, 'agent', ['general'])
    expect((await agent.get('/desk/quarantine')).status).toBe(403)
    expect((await agent.get('/desk')).text).not.toContain('/desk/quarantine')
  })
})

describe('staff', () => {
  test('are added by a link that is shown once, and join with it', async () => {
    const admin = await signIn(site, 'admin')
    const page = await admin.get('/desk/staff')
    const added = await admin.post('/desk/staff', [['_csrf', page.input('_csrf')], ['name', 'Sam <b>'], ['email', 'sam@town.example'], ['role', 'agent'], ['departments', 'water'], ['departments', 'moon']])
    const link = new URL(added.input('link') || /value="(http[^"]+)"/.exec(added.text)![1]!)
    expect(link.href).toMatch(/^http:\/\/town\.example\/desk\/setup\/[\w-]{43}$/)
    const newcomer = new Visitor(site.url)
    const setup = await newcomer.get(link.pathname)
    const short = await newcomer.post(link.pathname, { _csrf: setup.input('_csrf'), name: 'Sam', password: 'x'.repeat(11) })
    expect([short.status, short.text.includes('at least 12')]).toEqual([422, true])
    expect((await newcomer.post(link.pathname, { _csrf: setup.input('_csrf'), name: 'Sam', password: 'x'.repeat(12) })).status).toBe(303)
    expect((await newcomer.get(link.pathname)).status).toBe(410)
    const list = (await admin.get('/desk/staff')).text
    expect(list).toContain('sam@town.example')
    expect(list).not.toContain('moon')
  })

  test('an address that is none, or known already, is said and nothing is lost', async () => {
    const admin = await signIn(site, 'admin')
    const token = (await admin.get('/desk/staff')).input('_csrf')
    for (const email of ['nobody', admin.staff.email]) {
      const page = await admin.post('/desk/staff', { _csrf: token, name: 'Typed Name', email, role: 'mailroom' })
      expect(page.status).toBe(422)
      expect(page.text).toContain('href="#field-email"')
      expect(page.text).toContain('value="Typed Name"')
    }
  })

  test('that are disabled are out at once; nobody disables themselves', async () => {
    const admin = await signIn(site, 'admin')
    const agent = await signIn(site, 'agent')
    await act(admin, `/desk/staff/${agent.staff.id}/disable`)
    expect((await agent.get('/desk')).status).toBe(303)
    expect((await act(admin, `/desk/staff/${admin.staff.id}/disable`)).status).toBe(403)
    expect((await act(admin, '/desk/staff/00000000-0000-0000-0000-000000000000/disable')).status).toBe(404)
  })

  test('are for administrators only', async () => {
    const supervisor = await signIn(site, 'supervisor')
    expect((await supervisor.get('/desk/staff')).status).toBe(403)
    expect((await act(supervisor, '/desk/staff', { name: 'x', email: 'x@town.example' })).status).toBe(403)
  })
})
