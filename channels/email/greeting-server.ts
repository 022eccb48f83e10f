import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { SMTPServer } from 'smtp-server'
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'

/**
 * smtp-server waits 100 ms before its greeting, to catch senders that talk first, and has no option
 * for it. As measured, a sender with a new connection per mail is then limited to 9.6 mails a
 * second. This server greets at once; a sender that talks before the greeting is still refused.
 */
class PromptConnection extends SMTPConnection {
  #greeted = false

  override init(): void {
    super.init()
    setImmediate(() => this.connectionReady())
  }

  // Called by us, and 100 ms later by the original's timer.
  override connectionReady(next?: () => void): void {
    if (this.#greeted) return
    this.#greeted = true
    super.connectionReady(next)
  }

  // The original offers AUTH before STARTTLS and refuses it only when used; by then a client would
  // have sent its password.
  override _isDisabled(command: string): boolean {
    return (command === 'AUTH' && !this.secure) || super._isDisabled(command)
  }

  // RFC 3463: 5.7.1 for a refused relay and 5.3.4 for a size; the original says "no such mailbox"
  // and "mailbox full".
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const better = context === undefined ? betterContexts[code] : undefined
    super.send(code, data, better ?? context)
  }
}

const betterContexts: Readonly<Record<number, string>> = {
  550: 'POLICY_VIOLATION',
  552: 'MESSAGE_TOO_BIG',
  452: 'SYSTEM_FULL'
}

/** An SMTP server that greets at once. */
export class GreetingServer extends SMTPServer {
  override connect(socket: Socket | TLSSocket, options?: SMTPConnectionOptions | null): void {
    const connection = new PromptConnection(this, socket, options)
    this.connections.add(connection)
    connection.on('error', (error: Error) => this._onError(error))
    connection.on('connect', (info: Parameters<SMTPServer['_onClientConnect']>[0]) =>
      this._onClientConnect(info)
    )
    connection.init()
  }

  /** Answers 421 to the sessions chosen by id, and closes them. */
  end(chosen: (sessionId: string) => boolean, text: string): void {
    for (const connection of this.connections) if (chosen(connection.id)) connection.send(421, text)
  }
}
