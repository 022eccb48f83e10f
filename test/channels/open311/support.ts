/**
 * The specification's own examples as an agency, and a client as city apps have them: form posts,
 * XML answers.
 */
import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { open311 } from '../../../channels/open311/index.ts'
import { openPipeline } from '../../helpers/pipeline.ts'
import { openSite, Visitor, type Page, type Site } from '../../helpers/site.ts'

/** A test of one clause of the specification; docs/open311.md has a line for each. */
export function clause(id: string, what: string, run: () => Promise<void> | void): void {
  test(`${id} ${what}`, async () => {
    expect.hasAssertions()
    await run()
  })
}

/** The default town with the services of a file, changed as a test needs. */
export function configFolder(
  change: (services: string) => string = (services) => services
): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-open311-'))
  fs.cpSync('config', dir, { recursive: true, filter: (file) => !file.endsWith('.ts') })
  fs.writeFileSync(
    path.join(dir, 'services.yaml'),
    change(fs.readFileSync('test/fixtures/open311/services.yaml', 'utf8'))
  )
  const routes = fs
    .readFileSync(path.join(dir, 'routes.yaml'), 'utf8')
    .replace(
      / {2}- id: service-[\s\S]*?(?=\n\n)/,
      [
        "  - { id: service-sanitation, department: sanitation, when: { service: ['001'] } }",
        "  - { id: service-streets, department: streets, when: { service: ['002'] } }",
        "  - { id: chryslers, department: parks, when: { service: [DMV66], answer: { WHISHETN: ['124'] } } }",
        '  - { id: pears, department: water, when: { answer: { kinds: [b] } } }'
      ].join('\n')
    )
  fs.writeFileSync(path.join(dir, 'routes.yaml'), routes)
  return dir
}

export type Node = { [name: string]: Node } & Node[] & string

export class Client {
  readonly #visitor: Visitor

  constructor(site: Site) {
    this.#visitor = new Visitor(site.url)
  }

  get(address: string): Promise<Page> {
    return this.#visitor.get(`/open311/v2/${address}`)
  }

  post(
    body: Record<string, string> | [string, string][] | FormData,
    headers: Record<string, string> = {},
    address = 'requests.xml'
  ): Promise<Page> {
    return this.#visitor.post(`/open311/v2/${address}`, body, headers)
  }

  send(
    body: string | Uint8Array,
    headers: Record<string, string>,
    address = 'requests.xml'
  ): Promise<Page> {
    return this.#visitor.send(`/open311/v2/${address}`, Buffer.from(body), headers)
  }

  /** Sends a report and answers with its id. */
  async report(more: Record<string, string> = {}): Promise<string> {
    const page = await this.post({
      service_code: '002',
      address_string: 'Main St 5',
      description: 'It has moved',
      ...more
    })
    const id = xml(page)['service_requests']!['request']!['service_request_id']
    if (page.status !== 200 || !id) throw new Error(`${page.status} ${page.text}`)
    return id
  }
}

const parser = new XMLParser({
  parseTagValue: false,
  isArray: (_name, where) =>
    /^(services\.service|errors\.error|service_definition\.attributes\.attribute)$|\.(value|endpoint|format)$/.test(
      String(where)
    )
})

/**
 * An XML answer as a strict client reads it. @throws where it is not well-formed or not labelled as
 * the specification asks
 */
export function xml(page: Page): Node {
  if (page.headers.get('content-type') !== 'text/xml; charset=utf-8')
    throw new Error(`content-type ${page.headers.get('content-type')}`)
  if (!page.text.startsWith('<?xml version="1.0" encoding="utf-8"?>'))
    throw new Error('no declaration')
  const valid = XMLValidator.validate(page.text)
  if (valid !== true) throw new Error(valid.err.msg)
  return parser.parse(page.text) as Node
}

export function json(page: Page): Node {
  if (page.headers.get('content-type') !== 'application/json; charset=utf-8')
    throw new Error(`content-type ${page.headers.get('content-type')}`)
  return JSON.parse(page.text) as Node
}

/** Descriptions of the errors told, with their codes. */
export function errors(page: Page): string[] {
  return (xml(page)['errors']!['error'] as unknown as { code: string; description: string }[]).map(
    ({ code, description }) => `${code} ${description}`
  )
}

export interface City {
  readonly site: Site
  readonly client: Client
  settle(receipts: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** An agency with Open311 on a runtime of its own. */
export async function openCity(
  change?: (services: string) => string,
  environment: Record<string, string> = {}
): Promise<City> {
  const dir = configFolder(change)
  const site = await openSite({ CONFIG_DIR: dir, ...environment }, [open311])
  const pipeline = openPipeline(site.runtime)
  return {
    site,
    client: new Client(site),
    async settle(receipts) {
      const rows = await site.runtime.db
        .selectFrom('contacts')
        .select('id')
        .where('receipt', 'in', [...receipts])
        .orderBy('ordinal')
        .execute()
      await pipeline.run(rows.map(({ id }) => id))
    },
    async close() {
      await pipeline.close()
      await site.close()
      fs.rmSync(dir, { recursive: true, force: true })
    }
  }
}

export async function contactOf({ site }: City, receipt: string) {
  return site.runtime.db
    .selectFrom('contacts')
    .selectAll()
    .where('receipt', '=', receipt)
    .executeTakeFirstOrThrow()
}
