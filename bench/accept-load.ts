/**
 * The other side of bench/accept.ts, in a process of its own: keeps sessions open and sends as fast
 * as it is answered.
 */
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { benchMail } from './mail.ts'
import { pump } from './report.ts'

interface Order {
  readonly kind: 'smtp' | 'form'
  readonly port: number
  readonly count: number
  readonly sessions: number
  readonly from: number
  /** For forms: pages as they were rendered, each of a browser of its own. */
  readonly pages?: readonly FormPage[]
}

export interface FormPage {
  readonly cookie: string
  readonly hidden: readonly (readonly [string, string])[]
}

process.on('message', (order: Order) => {
  void serve(order)
})

async function serve(order: Order): Promise<void> {
  const done = await (order.kind === 'smtp' ? sendMails(order) : sendForms(order)).catch(
    (error: unknown) => ({ error: String(error) })
  )
  process.send!(done)
}

async function sendMails({ port, count, sessions, from }: Order) {
  const idle = await Promise.all(Array.from({ length: sessions }, () => Session.open(port)))
  const done = await pump(count, sessions, async (n) => {
    const session = idle.pop()!
    await session.send(from + n)
    idle.push(session)
  })
  for (const session of idle) session.close()
  return done
}

/** One SMTP session, kept for many mails. */
class Session {
  readonly #socket: Socket
  #answer = ''

  private constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true).setEncoding('latin1')
  }

  static async open(port: number): Promise<Session> {
    const session = new Session(connect(port, '127.0.0.1'))
    await session.#reply()
    await session.#command('EHLO bench.example')
    return session
  }

  async send(n: number): Promise<void> {
    const { bytes, recipient, sender } = benchMail(n)
    await this.#command(`MAIL FROM:<${sender}>`)
    await this.#command(`RCPT TO:<${recipient}>`)
    await this.#command('DATA')
    this.#socket.write(bytes)
    await this.#command('\r\n.')
  }

  close(): void {
    this.#socket.end('QUIT\r\n')
  }

  async #command(line: string): Promise<void> {
    this.#socket.write(`${line}\r\n`)
    await this.#reply()
  }

  async #reply(): Promise<void> {
    while (!/^\d{3} .*\r\n$/m.test(this.#answer))
      this.#answer += String((await once(this.#socket, 'data'))[0])
    if (!/^[23]/.test(this.#answer)) throw new Error(this.#answer)
    this.#answer = ''
  }
}

async function sendForms({ port, count, sessions, from, pages = [] }: Order) {
  const agent = new Agent({ keepAlive: true, maxSockets: sessions })
  return pump(count, sessions, (n) => {
    const { cookie, hidden } = pages[n % pages.length]!
    return postForm(agent, port, cookie, [
      ...hidden,
      ['topic', 'water'],
      ['subject', `Number ${from + n}`],
      ['message', benchMail((from + n) * 10).bytes.toString('latin1')]
    ])
  })
}

function postForm(
  agent: Agent,
  port: number,
  cookie: string,
  fields: readonly (readonly [string, string])[]
): Promise<void> {
  const body = `${fields.map(([name, value]) => `--bench\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('')}--bench--\r\n`
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/',
        headers: {
          cookie,
          'content-type': 'multipart/form-data; boundary=bench',
          'content-length': Buffer.byteLength(body)
        }
      },
      (response) => {
        response.resume()
        response.once('end', () =>
          response.statusCode === 303
            ? resolve()
            : reject(new Error(`the form answered ${response.statusCode}`))
        )
      }
    )
    sent.once('error', reject)
    sent.end(body)
  })
}
