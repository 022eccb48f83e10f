/** A name server on loopback that knows the TXT records it is told, and may keep silent. */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'

export interface NameServer {
  /** As a setting names it. */
  readonly address: string
  /** TXT records by name. An array stands for several records. */
  readonly records: Map<string, string>
  /** Names that were asked for, with their types by RFC 1035 section 3.2.2. */
  readonly asked: string[]
  silent: boolean
  close(): Promise<void>
}

const TXT = 16

export async function openNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4')
  const server = {
    address: '',
    records: new Map<string, string>(),
    asked: [] as string[],
    silent: false,
    async close() {
      socket.close()
      await once(socket, 'close')
    }
  }
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, type, end } = questionIn(query)
    server.asked.push(`${type} ${name}`)
    if (!server.silent)
      socket.send(
        answerTo(query, end, type === TXT ? server.records.get(name) : undefined),
        from.port
      )
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  server.address = `127.0.0.1:${socket.address().port}`
  return server
}

/** The first question of a query: a name in labels, its type, its class (RFC 1035 section 4.1.2). */
function questionIn(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** The record, or that there is no such name (RFC 1035 section 4.1). */
function answerTo(query: Buffer, end: number, text: string | undefined): Buffer {
  const header = Buffer.alloc(12)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(text === undefined ? 0x8183 : 0x8180, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(text === undefined ? 0 : 1, 6)
  const question = query.subarray(12, end)
  return Buffer.concat([header, question, ...(text === undefined ? [] : [recordOf(text)])])
}

/** A record that points to the question's name, good for a minute, in strings of 255 bytes. */
function recordOf(text: string): Buffer {
  const strings = (text.match(/.{1,255}/gs) ?? ['']).map((part) =>
    Buffer.concat([Buffer.of(part.length), Buffer.from(part, 'latin1')])
  )
  const data = Buffer.concat(strings)
  const head = Buffer.from([0xc0, 12, 0, TXT, 0, 1, 0, 0, 0, 60, 0, 0])
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}
