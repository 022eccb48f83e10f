/**
 * GeoReport v2: discovery, formats, the list of services and their definitions. Clause by clause;
 * see docs/open311.md.
 */
import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import { corpusTest, readCorpus } from '../../helpers/corpora.ts'
import { Visitor } from '../../helpers/site.ts'
import { clause, errors, json, openCity, xml, type City } from './support.ts'

let city: City
beforeAll(async () => {
  city = await openCity()
})
afterAll(() => city.close())

describe('service discovery', () => {
  clause('D1', 'is at an address ending in /discovery.<format>, as XML and as JSON', async () => {
    for (const base of ['/open311/', '/open311/v2/']) {
      const visitor = new Visitor(city.site.url)
      expect(xml(await visitor.get(`${base}discovery.xml`))['discovery']).toBeDefined()
      expect(json(await visitor.get(`${base}discovery.json`))['endpoints']).toHaveLength(1)
    }
  })
  clause(
    'D2',
    'has every field: changeset, contact, key_service, endpoints with specification, url, changeset, type and formats',
    async () => {
      const { discovery } = xml(await city.client.get('discovery.xml'))
      const changeset = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(discovery).toEqual({
        changeset,
        contact: 'You can email api@city.example',
        key_service: 'You can request a key here: https://city.example/key',
        endpoints: {
          endpoint: [
            {
              specification: 'http://wiki.open311.org/GeoReport_v2',
              url: 'http://town.example/open311/v2',
              changeset,
              type: 'production',
              formats: { format: ['text/xml', 'application/json'] }
            }
          ]
        }
      })
    }
  )
  clause('D3', 'says the same in JSON, by the Spark convention', async () => {
    expect(json(await city.client.get('discovery.json'))['endpoints']![0]).toMatchObject({
      type: 'production',
      formats: ['text/xml', 'application/json']
    })
  })
})

describe('formats', () => {
  clause('F1', 'XML is text/xml in UTF-8 with its declaration, without namespaces', async () => {
    const page = await city.client.get('services.xml')
    expect(xml(page)['services']).toBeDefined()
    expect(page.text).not.toContain('xmlns')
  })
  clause('F2', 'JSON is application/json in UTF-8, a list without a root', async () => {
    expect(Array.isArray(json(await city.client.get('services.json')))).toBe(true)
  })
  clause(
    'F3',
    'the format is appended to the resource; without one it is XML, which every server has',
    async () => {
      expect((await city.client.get('services')).text).toBe(
        (await city.client.get('services.xml')).text
      )
    }
  )
  clause('F4', 'a format that is not offered is an address where nothing is', async () => {
    const page = await city.client.get('services.html')
    expect([page.status, errors(page)]).toEqual([404, ['404 There is nothing at this address.']])
  })
})

describe('GET Service List', () => {
  clause(
    'S1',
    'has code, name, description, metadata, type, keywords and group of each service',
    async () => {
      const services = xml(await city.client.get('services.xml'))['services']!['service']!
      expect(services).toHaveLength(4)
      expect(services[0]).toEqual({
        service_code: '001',
        service_name: 'Cans left out 24x7',
        description:
          'Garbage or recycling cans that have been left out for more than 24 hours after collection. Violators will be cited.',
        metadata: 'true',
        type: 'realtime',
        keywords: 'lorem, ipsum, dolor',
        group: 'sanitation'
      })
    }
  )
  clause('S2', 'metadata says whether there is a definition to ask for', async () => {
    expect(json(await city.client.get('services.json')).map(({ metadata }) => metadata)).toEqual([
      true,
      false,
      true,
      true
    ])
  })
  clause('S3', 'JSON keeps codes as they are, zeros and all', async () => {
    expect(json(await city.client.get('services.json'))[0]!['service_code']).toBe('001')
  })
  clause('S4', 'jurisdiction_id may be left out or empty where one agency answers', async () => {
    for (const query of ['', '?jurisdiction_id=', '?jurisdiction_id=city.example'])
      expect((await city.client.get(`services.xml${query}`)).status).toBe(200)
  })
  clause('S5', '404 for a jurisdiction that is not found', async () => {
    const page = await city.client.get('services.xml?jurisdiction_id=elsewhere.example')
    expect([page.status, errors(page)]).toEqual([404, ['404 jurisdiction_id was not found.']])
  })
  clause('S6', '400 for a jurisdiction that is required and was not provided', async () => {
    const strict = await openCity((services) => `jurisdictionRequired: true\n${services}`)
    const pages = [
      await strict.client.get('services.xml'),
      await strict.client.get('services/001.xml?jurisdiction_id='),
      await strict.client.get('requests.xml'),
      await strict.client.post({ service_code: '002' })
    ]
    expect(pages.map((page) => [page.status, errors(page)[0]])).toEqual(
      pages.map(() => [400, '400 jurisdiction_id was not provided.'])
    )
    expect((await strict.client.get('discovery.xml')).status).toBe(200)
    await strict.close()
  })
})

describe('GET Service Definition', () => {
  clause(
    'A1',
    'has variable, code, datatype, required, datatype_description, order, description and values of each attribute',
    async () => {
      expect(xml(await city.client.get('services/DMV66.xml'))['service_definition']).toEqual({
        service_code: 'DMV66',
        attributes: {
          attribute: [
            {
              variable: 'true',
              code: 'WHISHETN',
              datatype: 'singlevaluelist',
              required: 'true',
              datatype_description: '',
              order: '1',
              description: 'What make is it?',
              values: {
                value: [
                  { key: '123', name: 'Ford' },
                  { key: '124', name: 'Chrysler' }
                ]
              }
            }
          ]
        }
      })
    }
  )
  clause('A2', 'in JSON it is one object with lists, nothing said is null', async () => {
    expect(json(await city.client.get('services/DMV66.json'))).toEqual({
      service_code: 'DMV66',
      attributes: [
        {
          variable: true,
          code: 'WHISHETN',
          datatype: 'singlevaluelist',
          required: true,
          datatype_description: null,
          order: 1,
          description: 'What make is it?',
          values: [
            { key: '123', name: 'Ford' },
            { key: '124', name: 'Chrysler' }
          ]
        }
      ]
    })
  })
  clause('A3', 'all six datatypes, in the order to present them, each order once', async () => {
    const attributes = [
      ...json(await city.client.get('services/all-types.json'))['attributes']!,
      ...json(await city.client.get('services/DMV66.json'))['attributes']!
    ] as unknown as { datatype: string; order: number }[]
    expect(new Set(attributes.map(({ datatype }) => datatype))).toEqual(
      new Set(['string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist'])
    )
    expect(attributes.slice(0, 5).map(({ order }) => order)).toEqual([1, 2, 3, 4, 5])
  })
  clause('A4', 'variable is false for what is only shown', async () => {
    expect(json(await city.client.get('services/all-types.json'))['attributes']![0]).toMatchObject({
      variable: false,
      description: 'We come on weekdays.'
    })
  })
  clause('A5', '404 for a service that is not found', async () => {
    const page = await city.client.get('services/nothing.xml')
    expect([page.status, errors(page)]).toEqual([404, ['404 service_code was not found.']])
  })
  clause('A6', '400 for a service that was not provided', async () => {
    const page = await city.client.get('services/.xml')
    expect([page.status, errors(page)]).toEqual([400, ['400 service_code was not provided.']])
  })
})

corpusTest(
  ['open311/georeport-v2-spec'],
  "our answers have the names of the specification's own examples",
  async () => {
    const names = (text: string) => new Set([...text.matchAll(/<(\w+)/g)].map(([, name]) => name!))
    const example = (file: string) => names(readCorpus(`open311/georeport-v2-spec/${file}`))
    expect(names((await city.client.get('services.xml')).text)).toEqual(
      example('01_GET_Service_List.xml')
    )
    expect(names((await city.client.get('services/DMV66.xml')).text)).toEqual(
      example('03_GET_Service_Definition.xml')
    )
    const id = await city.client.report()
    expect(names((await city.client.get(`requests/${id}.xml`)).text)).toEqual(
      example('12_GET_Service_Request.xml')
    )
    expect(names((await city.client.get(`tokens/${id}.xml`)).text)).toEqual(
      example('08_GET_service_request_id_from_a_token.xml')
    )
    const posted = await city.client.send(
      readCorpus('open311/georeport-v2-spec/05_POST_Service_Request.txt')
        .split('\n\n')[1]!
        .trim()
        .replace('city.gov', 'city.example'),
      { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    )
    expect([posted.status, names(posted.text)]).toEqual([
      200,
      example('06_POST_Service_Request.xml')
    ])
    expect(names((await city.client.post({})).text)).toEqual(example('14_GET_Service_Request.txt'))
    return 6
  }
)
