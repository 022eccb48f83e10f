/**
 * Has mails checked in a process of its own, which is ended when one takes too long. A check that
 * cannot be made is a verdict too, never an error.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Settings } from '../../../config/settings.ts'
import type { SenderChecks, StoredRaw } from '../../../core/intake/channel.ts'
import { isPublicAddress } from '../../../platform/http-client/public-addresses.ts'
import { messageFields } from '../headers.ts'
import { authenticationLimits as limits } from '../limits.ts'
import type { Answer, Question } from './process.ts'
import { reasons, unchecked, type Authentication, type Delivered } from './verdict.ts'

const file = fileURLToPath(new URL('./process.ts', import.meta.url))

type AuthenticationSettings = Pick<Settings, 'MAIL_AUTH_DNS' | 'MAIL_AUTH_SERVER'>

/** Checks of mails as SMTP, a mailbox or a service brought them; undefined if they are off. */
export function senderChecks(settings: AuthenticationSettings): SenderChecks | undefined {
  const servers = settings.MAIL_AUTH_DNS
  if (servers === 'off') return undefined
  const checks = new Authenticator(servers)
  return {
    check: async (raw) =>
      raw.mediaType === 'message/rfc822'
        ? { authentication: await checks.check(raw, settings.MAIL_AUTH_SERVER !== undefined) }
        : {},
    close: () => checks.close()
  }
}

interface Waiting {
  readonly bytes: number
  resolve(verdict: Authentication): void
}

class Authenticator {
  readonly #servers: readonly string[]
  readonly #waiting = new Map<number, Waiting>()
  #child: ChildProcess | undefined
  #isReady = false
  #idle: NodeJS.Timeout | undefined
  #ids = 0
  #restUntil = 0

  constructor(servers: readonly string[]) {
    this.#servers = servers
  }

  /** `relayed`: mail comes through a server of ours, so that the peer says nothing of the sender. */
  async check(raw: StoredRaw, relayed: boolean): Promise<Authentication> {
    const peer = relayed ? undefined : peerOf(raw.evidence)
    const signatures = signaturesOf(raw.bytes)
    if (signatures === 0 && !peer) return unchecked(reasons.unsigned)
    if (signatures > limits.signatures || signatures * raw.bytes.length > limits.signedBytes)
      return unchecked(reasons.signatures)
    if (performance.now() < this.#restUntil) return unchecked(reasons.silent)
    if (this.#waiting.size >= limits.atOnce || this.#bytes() + raw.bytes.length > limits.bytes)
      return unchecked(reasons.busy)
    const { mailFrom } = raw.evidence
    return this.#ask({
      bytes: raw.bytes,
      mailFrom: typeof mailFrom === 'string' ? mailFrom : '',
      ...(peer ? { peer } : {})
    })
  }

  #bytes(): number {
    return [...this.#waiting.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  #ask(mail: Delivered): Promise<Authentication> {
    const id = (this.#ids += 1)
    const child = (this.#child ??= this.#start())
    clearTimeout(this.#idle)
    return new Promise<Authentication>((resolve) => {
      // A process that starts on a busy machine, or that one mail holds up, answers nobody.
      const guard = setTimeout(
        () => this.#end(child, reasons.broken),
        this.#isReady ? limits.guardMs : limits.startMs
      )
      this.#waiting.set(id, {
        bytes: mail.bytes.length,
        resolve(verdict) {
          clearTimeout(guard)
          resolve(verdict)
        }
      })
      child.send({ id, ...mail } satisfies Question, () => undefined)
    })
  }

  #start(): ChildProcess {
    const child = fork(file, [...this.#servers], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--no-warnings', `--max-old-space-size=${limits.heapMb}`],
      // It takes apart what strangers wrote, so that its environment holds none of our secrets.
      env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', TZ: 'UTC' }
    })
    child.on('message', (said: Answer | { ready: true }) => {
      if ('id' in said) this.#hear(said)
      else this.#isReady = true
    })
    child.on('error', () => this.#end(child, reasons.broken))
    child.on('exit', () => this.#end(child, reasons.broken))
    child.unref()
    child.channel?.unref()
    return child
  }

  #hear({ id, verdict, silent }: Answer): void {
    if (silent) this.#restUntil = performance.now() + limits.restMs
    this.#waiting.get(id)?.resolve(verdict)
    this.#waiting.delete(id)
    const child = this.#child
    if (this.#waiting.size === 0 && child)
      this.#idle = setTimeout(() => this.#end(child, reasons.broken), limits.idleMs).unref()
  }

  #end(child: ChildProcess, reason: string): void {
    child.kill('SIGKILL')
    if (this.#child !== child) return
    this.#child = undefined
    this.#isReady = false
    for (const { resolve } of this.#waiting.values()) resolve(unchecked(reason))
    this.#waiting.clear()
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const child = this.#child
    if (!child) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    this.#end(child, reasons.broken)
    await gone
  }
}

/** Servers of our own network pass on what others sent: they say nothing of the sender. */
function peerOf({ remoteAddress, hello }: StoredRaw['evidence']): Delivered['peer'] {
  return typeof remoteAddress === 'string' && isPublicAddress(remoteAddress)
    ? { address: remoteAddress, hello: typeof hello === 'string' ? hello : '' }
    : undefined
}

function signaturesOf(bytes: Uint8Array): number {
  const fields = messageFields(bytes)
  return ['dkim-signature', 'arc-seal'].reduce(
    (sum, name) => sum + (fields.get(name)?.length ?? 0),
    0
  )
}
