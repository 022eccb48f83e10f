import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { SMTPServerOptions } from 'smtp-server'
import { publicUrl } from '../../config/settings.ts'
import type { ChannelService, Intake } from '../../core/channel.ts'
import { EvenhandError } from '../../core/errors.ts'
import { GreetingServer } from './greeting-server.ts'
import { smtpLimits, type SmtpLimits } from './limits.ts'
import { smtpSessions, type Sessions } from './smtp-sessions.ts'

/**
 * The SMTP listener: HOST, SMTP_PORT (0 = any free one) and the other settings of mail.
 * @throws EvenhandError CONFIG_INVALID from `start` when a certificate, a user or the port cannot be used.
 */
export function smtpService(collect: Intake, limits: SmtpLimits = smtpLimits): ChannelService {
  return { role: 'smtp', name: 'smtp', start: () => start(collect, limits) }
}

async function start(collect: Intake, limits: SmtpLimits): Promise<{ stop(): Promise<void>, port: number }> {
  const { settings, log } = collect
  const sessions = smtpSessions(collect, limits, (id, text) => server.end((session) => session === id, text))
  const server: GreetingServer = new GreetingServer({ ...await serverOptions(collect, limits), ...sessions.handlers })
  // A broken connection is the sender's business; it is tried again. Only its code is logged: messages may hold addresses.
  server.on('error', (error) => log.debug({ code: (error as { code?: unknown }).code }, 'smtp connection failed'))
  await listen(server, settings.HOST, settings.SMTP_PORT)
  return { port: (server.server.address() as AddressInfo).port, stop: () => stop(server, sessions) }
}

async function serverOptions({ settings, log }: Intake, limits: SmtpLimits): Promise<SMTPServerOptions> {
  const tls = settings.SMTP_TLS_CERT && settings.SMTP_TLS_KEY
    ? { cert: await readPem('SMTP_TLS_CERT', settings.SMTP_TLS_CERT), key: await readPem('SMTP_TLS_KEY', settings.SMTP_TLS_KEY) }
    : undefined
  const auth = tls !== undefined && settings.SMTP_USERS.length > 0
  if (!tls && settings.SMTP_USERS.length > 0) log.warn('SMTP_USERS without SMTP_TLS_CERT: nobody can sign in, because passwords are only taken over TLS')
  return {
    ...tls,
    minVersion: 'TLSv1.2',
    // The first three are jokes of the library.
    disabledCommands: ['WIZ', 'SHELL', 'KILL', ...(tls ? [] : ['STARTTLS']), ...(auth ? [] : ['AUTH'])],
    authMethods: ['PLAIN', 'LOGIN'],
    authOptional: true,
    size: settings.SMTP_MAX_BYTES,
    rejectOversized: true,
    hideENHANCEDSTATUSCODES: false,
    name: new URL(publicUrl(settings)).hostname,
    banner: 'Evenhand',
    disableReverseLookup: true,
    logger: false,
    maxClients: limits.connections,
    maxRecipients: limits.recipients,
    socketTimeout: limits.idleMs,
    closeTimeout: limits.closeMs
  }
}

async function readPem(name: string, file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => { throw new EvenhandError('CONFIG_INVALID', `${name}: ${file} cannot be read`, { cause }) })
}

async function listen(server: GreetingServer, host: string, port: number): Promise<void> {
  server.listen(port, host)
  await once(server.server, 'listening').catch((cause: { code?: string }) => {
    throw new EvenhandError('CONFIG_INVALID', `HOST, SMTP_PORT: cannot listen on ${host} port ${port}, ${cause.code}`, { cause })
  })
}

// New connections are refused at once, idle sessions ended; a mail in hand is stored and answered, then its session ends too.
function stop(server: GreetingServer, sessions: Sessions): Promise<void> {
  return new Promise((resolve) => {
    server.close(resolve)
    sessions.stopping = true
    server.end((session) => !sessions.busy.has(session), 'Closing for maintenance, please try again')
  })
}
