/** Folders of a mailbox as Microsoft Graph tells of them. */

interface Message {
  readonly id: string
  readonly folder: string
  readonly mail: string | Uint8Array
  readonly received: Date
}

interface Change {
  readonly id: string
  readonly folder: string
  /** Of one that only changed, the time of its coming may be left out. */
  readonly kind: 'came' | 'changed' | 'gone'
}

export type Told =
  | { readonly said: object }
  | { readonly mime: string | Uint8Array }
  | { readonly status: number; readonly refused: string }

interface Asking {
  readonly pageSize: number
  /** Whether it wants ids that stay; the others change with every answer here. */
  readonly lasting: boolean
}

interface Delivery {
  readonly received?: Date
  readonly folder?: string
}

export class GraphFolders {
  readonly #base: string
  readonly #messages = new Map<string, Message>()
  readonly #changes: Change[] = []
  readonly #folders = new Map([['inbox', { name: 'Posteingang', parent: '' }]])
  /** State tokens from before this one are forgotten. */
  #generation = 0
  #answers = 0
  /** Whether Graph may read this mailbox for the app. */
  permitted = true

  constructor(base: string) {
    this.#base = base
  }

  deliver(mail: string | Uint8Array, { received = new Date(), folder = 'inbox' }: Delivery = {}) {
    const id = `AAMk+/${this.#messages.size + 1}=`
    // It tells times in whole seconds.
    const at = new Date(Math.floor(received.getTime() / 1000) * 1000)
    this.#messages.set(id, { id, folder, mail, received: at })
    this.#changes.push({ id, folder, kind: 'came' })
    return id
  }

  /** Somebody has marked it as read. */
  change(id: string): void {
    this.#changes.push({ id, folder: this.#messages.get(id)!.folder, kind: 'changed' })
  }

  remove(id: string): void {
    this.#changes.push({ id, folder: this.#messages.get(id)!.folder, kind: 'gone' })
    this.#messages.delete(id)
  }

  addFolder(id: string, name: string, parent = ''): void {
    this.#folders.set(id, { name, parent })
  }

  /** It no longer knows how far anybody came. */
  forget(): void {
    this.#generation += 1
  }

  answer(path: string, asking: Asking): Told {
    if (!this.permitted) return { status: 403, refused: 'ErrorAccessDenied' }
    const url = new URL(path, this.#base)
    const base = new URL(this.#base).pathname
    if (!url.pathname.startsWith(`${base}/`)) return { status: 404, refused: 'ErrorInvalidUser' }
    const parts = url.pathname
      .slice(base.length + 1)
      .split('/')
      .map(decodeURIComponent)
    return this.#answer(parts, url.searchParams, asking)
  }

  #answer([what, id, which, how]: string[], query: URLSearchParams, asking: Asking): Told {
    if (what === 'messages') return this.#message(id!, which)
    if (id === undefined) return this.#named(query, '')
    if (!this.#folders.has(id)) return { status: 404, refused: 'ErrorItemNotFound' }
    if (which === undefined) return { said: { id } }
    if (which === 'childFolders') return this.#named(query, id)
    return how === 'delta' ? this.#delta(id, query, asking) : this.#list(id, query, asking)
  }

  #message(id: string, part: string | undefined): Told {
    const found = this.#messages.get(id)
    if (!found) return { status: 404, refused: 'ErrorItemNotFound' }
    return part === '$value' ? { mime: found.mail } : { said: this.#tell(found) }
  }

  #named(query: URLSearchParams, among: string): Told {
    const name = /^displayName eq '(.*)'$/.exec(query.get('$filter') ?? '')?.[1]
    const value = [...this.#folders].flatMap(([id, { name: its, parent }]) =>
      parent === among && its === name?.replaceAll("''", "'") ? [{ id }] : []
    )
    return { said: { value } }
  }

  #list(folder: string, query: URLSearchParams, { pageSize }: Asking): Told {
    const day = /^receivedDateTime ge (\S+)$/.exec(query.get('$filter') ?? '')![1]!
    const skip = Number(query.get('$skip') ?? 0)
    const all = [...this.#messages.values()].filter(
      (one) => one.folder === folder && one.received >= new Date(day)
    )
    const next = `${this.#base}/mailFolders/${folder}/messages?$filter=${encodeURIComponent(query.get('$filter')!)}&$skip=${skip + pageSize}`
    const value = all.slice(skip, skip + pageSize).map(({ id }) => ({ id }))
    return {
      said: { value, ...(all.length > skip + pageSize ? { '@odata.nextLink': next } : {}) }
    }
  }

  /** A token says generation, from which change, to which, and how much of it was told. */
  #delta(folder: string, query: URLSearchParams, { pageSize, lasting }: Asking): Told {
    const token = query.get('$skiptoken') ?? query.get('$deltatoken')
    const state = token?.split('-').map(Number) ?? [this.#generation, 0, 0, 0]
    if (state[0] !== this.#generation) return { status: 410, refused: 'SyncStateNotFound' }
    const [, from, , told] = state as [number, number, number, number]
    const to = query.has('$skiptoken') ? state[2]! : this.#changes.length
    const changes = new Map<string, Change>()
    // To begin with, only what is there is told of.
    for (const one of this.#changes.slice(from, to))
      if (one.folder === folder && (from > 0 || one.kind !== 'changed')) changes.set(one.id, one)
    const all = [...changes.values()].toReversed()
    const value = all.slice(told, told + pageSize).map((one) => this.#tellChange(one, lasting))
    const link = (kind: string, ...numbers: number[]) =>
      `${this.#base}/mailFolders/${folder}/messages/delta?$${kind}=${[this.#generation, ...numbers].join('-')}`
    return {
      said: {
        value,
        ...(all.length > told + pageSize
          ? { '@odata.nextLink': link('skiptoken', from, to, told + pageSize) }
          : { '@odata.deltaLink': link('deltatoken', to, to, 0) })
      }
    }
  }

  #tellChange({ id, kind }: Change, lasting: boolean): object {
    const there = this.#messages.get(id)
    this.#answers += 1
    const name = lasting ? id : `${id}-${this.#answers}`
    if (!there) return { id: name, '@removed': { reason: 'deleted' } }
    return kind === 'changed' ? { id: name } : { ...this.#tell(there), id: name }
  }

  #tell({ id, received }: Message): object {
    return { id, receivedDateTime: received.toISOString().replace('.000Z', 'Z') }
  }
}
