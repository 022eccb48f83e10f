import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Validator } from '@seriousme/openapi-schema-validator'
import { OpenAPIClientAxios } from 'openapi-client-axios'
import { api } from '../../../channels/api/index.ts'
import { web } from '../../../channels/web/index.ts'
import { catalogue } from '../../../platform/errors.ts'
import { apiCaller, type ApiCaller } from '../../helpers/api.ts'
import { openPipeline } from '../../helpers/pipeline.ts'
import { listen, openSite, Visitor, type Site } from '../../helpers/site.ts'

let site: Site
let key: ApiCaller
beforeAll(async () => {
  site = await openSite({}, [web, api])
  key = await apiCaller(site, ['contacts:write', 'line:serve:*'])
})
afterAll(() => site.close())

interface Document {
  openapi: string
  servers: { url: string }[]
  paths: Record<
    string,
    Record<string, { operationId: string; security: object[]; responses: Record<string, unknown> }>
  >
  components: { schemas: Record<string, object> }
}
const load = async () =>
  JSON.parse((await new Visitor(site.url).get('/v1/openapi.json')).text) as Document
const operations = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation }))
  )

describe('the OpenAPI document', () => {
  test('is one by its own specification, and says 3.1', async () => {
    const document = await load()
    expect(await new Validator().validate(structuredClone(document) as never)).toEqual({
      valid: true
    })
    expect(document).toMatchObject({
      openapi: '3.1.0',
      servers: [{ url: 'http://town.example' }],
      components: {
        schemas: {
          Envelope: expect.any(Object),
          Problem: expect.any(Object),
          NewContact: { additionalProperties: false }
        }
      }
    })
  })

  test('tells of every endpoint there is, each by a name of its own', async () => {
    const all = operations(await load())
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length)
    expect(all.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'get /v1/cases/{id}',
      'get /v1/cases/{id}/duties',
      'get /v1/cases/{id}/notes',
      'get /v1/cases/{id}/replies',
      'get /v1/cases/{id}/replies/{reply}/letter',
      'get /v1/contacts/{contact}',
      'get /v1/contacts/{contact}/documents/{index}',
      'get /v1/envelope.schema.json',
      'get /v1/lines',
      'get /v1/lines/{department}',
      'get /v1/lines/{department}/duties',
      'get /v1/lines/{department}/originators',
      'get /v1/openapi.json',
      'get /v1/receipts/{receipt}',
      'post /v1/cases/{id}/apart',
      'post /v1/cases/{id}/close',
      'post /v1/cases/{id}/contacts/{contact}/originator',
      'post /v1/cases/{id}/duties/{duty}',
      'post /v1/cases/{id}/hand-off',
      'post /v1/cases/{id}/join',
      'post /v1/cases/{id}/notes',
      'post /v1/cases/{id}/pass',
      'post /v1/cases/{id}/pause',
      'post /v1/cases/{id}/reopen',
      'post /v1/cases/{id}/replies',
      'post /v1/cases/{id}/resume',
      'post /v1/cases/{id}/return',
      'post /v1/cases/{id}/split',
      'post /v1/cases/{id}/transfer',
      'post /v1/contacts',
      'post /v1/lines/{department}/take'
    ])
  })
})

test('a client that a library derives from the document hands in a contact and serves the line', async () => {
  const document = await load()
  const client = await new OpenAPIClientAxios({
    definition: document as never,
    withServer: { url: site.url },
    axiosConfigDefaults: {
      headers: { authorization: `Bearer ${key.secret}` },
      validateStatus: () => true
    }
  }).init()
  const operation = client as unknown as Record<
    string,
    (
      parameters?: object | null,
      body?: object,
      config?: object
    ) => Promise<{ status: number; data: Record<string, unknown> }>
  >
  const { status, data: made } = await operation['createContact']!(
    null,
    { id: 'c1', text: 'The gate squeaks', recipients: ['parks@willowcreek.example'] },
    { headers: { 'Idempotency-Key': 'c1' } }
  )
  expect(status).toBe(201)
  const pipeline = openPipeline(site.runtime)
  await pipeline.run([String(made['contactId'])])
  await pipeline.close()
  const { data: taken } = await operation['takeNext']!({ department: 'parks' }, {})
  expect(taken['receipt']).toBe(made['receipt'])
  const { data: shown } = await operation['showCase']!({ id: taken['caseId'] })
  expect(shown).toMatchObject({
    heldByYou: true,
    contacts: [{ envelope: { text: 'The gate squeaks' } }]
  })
  expect(
    (await operation['closeCase']!({ id: taken['caseId'] }, { outcome: 'oiled' })).data
  ).toMatchObject({ state: 'closed', outcome: 'oiled' })
  expect((await operation['showReceipt']!({ receipt: made['receipt'] })).data).toMatchObject({
    state: 'closed'
  })
  expect((await operation['takeNext']!({ department: 'parks' }, {})).status).toBe(204)
  expect(
    (await operation['closeCase']!({ id: taken['caseId'] }, { why: 'no such field' })).data
  ).toMatchObject({ status: 422, errors: [{ pointer: '#/why' }] })
})

describe('without a key', () => {
  test("every endpoint asks for one, but for the descriptions and a receipt's status", async () => {
    const open = ['/v1/envelope.schema.json', '/v1/openapi.json', '/v1/receipts/{receipt}']
    for (const { path, method, security } of operations(await load())) {
      const address = path
        .replace('{id}', '01a213e3-6b4c-73f3-a93a-0709802d88aa')
        .replace('{department}', 'parks')
        .replace('{contact}', 'ABCDEF-ABCDEF-ABCDEF')
        .replace('{index}', '0')
        .replace('{reply}', '01a213e3-6b4c-73f3-a93a-0709802d88aa')
        .replace('{receipt}', 'x')
      for (const authorization of [
        undefined,
        'Bearer',
        `Bearer evh_${'A'.repeat(43)}`,
        `Basic ${key.secret}`
      ]) {
        const response = await fetch(site.url + address, {
          method: method.toUpperCase(),
          headers: {
            'x-forwarded-for': `10.9.0.${path.length}`,
            ...(authorization ? { authorization } : {})
          }
        })
        await response.arrayBuffer()
        expect({
          path,
          method,
          refused: response.status === 401,
          challenge: response.headers.has('www-authenticate'),
          secured: security.length > 0
        }).toEqual({
          path,
          method,
          refused: !open.includes(path),
          challenge: !open.includes(path),
          secured: !open.includes(path)
        })
      }
    }
  })

  test('a key in the address is no key: addresses are logged', async () => {
    expect(
      (await fetch(`${site.url}/v1/lines?access_token=${key.secret}&api_key=${key.secret}`)).status
    ).toBe(401)
  })

  test('with a key of no scope for it, every endpoint refuses or shows nothing', async () => {
    const stranger = await apiCaller(site, ['line:read:housing'])
    for (const { path, method, security } of operations(await load())) {
      if (security.length === 0) continue
      const address = path
        .replace('{id}', '01a213e3-6b4c-73f3-a93a-0709802d88aa')
        .replace('{department}', 'parks')
        .replace('{contact}', 'ABCDEF-ABCDEF-ABCDEF')
        .replace('{index}', '0')
        .replace('{reply}', '01a213e3-6b4c-73f3-a93a-0709802d88aa')
      const { status, json } = await (method === 'get'
        ? stranger.get(address)
        : stranger.post(address, { reason: 'x', to: 'x', department: 'x' }))
      expect({
        path,
        allowed: status === 200 && path !== '/v1/lines',
        shown:
          json?.lines?.filter(
            ({ department }: { department: string }) => department !== 'housing'
          ) ?? []
      }).toEqual({ path, allowed: false, shown: [] })
    }
  })
})

describe('the pages', () => {
  test('tell of every endpoint and shape, and run nothing', async () => {
    const document = await load()
    const { status, headers, text } = await new Visitor(site.url).get('/v1/docs')
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(headers.get('content-security-policy')).toContain("default-src 'none';script-src 'self'")
    for (const { operationId } of operations(document))
      expect(text).toContain(`id="${operationId}"`)
    for (const name of Object.keys(document.components.schemas))
      expect(text).toContain(`id="schema-${name}"`)
    expect(text).not.toMatch(/<script|<style|\sstyle=|\son\w+=/)
  })

  test('have every anchor they lead to, those of problems too', async () => {
    const { text } = await new Visitor(site.url).get('/v1/docs')
    const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    expect(
      [...text.matchAll(/href="#([^"]+)"/g)]
        .map(([, id]) => id!)
        .filter((id) => !ids.has(id) && id !== 'main')
    ).toEqual([])
    const { json } = await key.get('/v1/lines/nowhere')
    expect(ids.has(json.type.split('#')[1])).toBe(true)
  })

  test('give the envelope as JSON Schema', async () => {
    const schema = JSON.parse(
      (await new Visitor(site.url).get('/v1/envelope.schema.json')).text
    ) as object
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: expect.arrayContaining(['version', 'arrivedAt', 'ordinal'])
    })
  })
})

describe('what goes wrong', () => {
  test('is said as problem details whatever the asker would rather read', async () => {
    const { status, headers, text } = await new Visitor(site.url).get('/v1/nothing', {
      accept: 'text/html'
    })
    expect([status, headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8'
    ])
    expect(JSON.parse(text)).toEqual({
      type: 'http://town.example/v1/docs#problem-NOT_FOUND',
      title: catalogue.NOT_FOUND.text,
      status: 404,
      code: 'NOT_FOUND'
    })
  })

  test('on our side says nothing of why', async () => {
    const broken = {
      ...site.runtime,
      agency: () => {
        throw new Error('row "Jane Doe"')
      }
    }
    const { Registry } = await import('prom-client')
    const { openWeb } = await import('../../../web/open-web.ts')
    const { url, close } = await listen(openWeb(broken as never, {}, new Registry()).app)
    const response = await fetch(`${url}/v1/lines`, {
      headers: { authorization: `Bearer ${key.secret}` }
    })
    const problem = (await response.json()) as object
    await close()
    expect(problem).toEqual({
      type: expect.any(String),
      title: catalogue.INTERNAL.text,
      status: 500,
      code: 'INTERNAL'
    })
  })
})
