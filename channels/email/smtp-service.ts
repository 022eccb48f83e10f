import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { SMTPServerOptions } from 'smtp-server'
import { publicUrl } from '../../config/settings.ts'
import type { ChannelService, Intake } from '../../core/intake/channel.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { GreetingServer } from './greeting-server.ts'
import { smtpLimits, type SmtpLimits } from './limits.ts'
import { smtpSessions, type Sessions } from './smtp-sessions.ts'

/**
 * The SMTP listener, configured by HOST, SMTP_PORT (0 = any free port) and the other mail settings.
 * @throws EvenhandError from `start`: CONFIG_INVALID if a certificate or a user cannot be used,
 * PORT_TAKEN.
 */
export function smtpService(intake: Intake, limits: SmtpLimits = smtpLimits): ChannelService {
  return { role: 'smtp', name: 'smtp', start: () => start(intake, limits) }
}

async function start(
  intake: Intake,
  limits: SmtpLimits
): Promise<{ stop(): Promise<void>; port: number }> {
  const { settings, log } = intake
  const sessions = smtpSessions(intake, limits, (id, text) =>
    server.end((session) => session === id, text)
  )
  const server: GreetingServer = new GreetingServer({
    ...(await serverOptions(intake, limits)),
    ...sessions.handlers
  })
  // After a broken connection the sender tries again. Only the error's code is logged, because
  // messages may hold addresses.
  server.on('error', (error) =>
    log.debug({ code: (error as { code?: unknown }).code }, 'smtp connection failed')
  )
  await listen(server, settings.HOST, settings.SMTP_PORT)
  return { port: (server.server.address() as AddressInfo).port, stop: () => stop(server, sessions) }
}

async function serverOptions(
  { settings, log }: Intake,
  limits: SmtpLimits
): Promise<SMTPServerOptions> {
  const tls =
    settings.SMTP_TLS_CERT && settings.SMTP_TLS_KEY
      ? {
          cert: await readPem('SMTP_TLS_CERT', settings.SMTP_TLS_CERT),
          key: await readPem('SMTP_TLS_KEY', settings.SMTP_TLS_KEY)
        }
      : undefined
  const auth = tls !== undefined && settings.SMTP_USERS.length > 0
  if (!tls && settings.SMTP_USERS.length > 0)
    log.warn(
      'SMTP_USERS without SMTP_TLS_CERT: nobody can sign in, because passwords are only taken over TLS'
    )
  return {
    ...tls,
    minVersion: 'TLSv1.2',
    // The first three are joke commands of the library.
    disabledCommands: [
      'WIZ',
      'SHELL',
      'KILL',
      ...(tls ? [] : ['STARTTLS']),
      ...(auth ? [] : ['AUTH'])
    ],
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
  return readFile(file).catch((cause: unknown) => {
    throw new EvenhandError('CONFIG_INVALID', `${name}: ${file} cannot be read`, { cause })
  })
}

async function listen(server: GreetingServer, host: string, port: number): Promise<void> {
  server.listen(port, host)
  await once(server.server, 'listening').catch((cause: { code?: string }) => {
    throw new EvenhandError('PORT_TAKEN', `SMTP_PORT, HOST: ${host} port ${port}, ${cause.code}`, {
      cause
    })
  })
}

// Refuses new connections at once and ends idle sessions. A mail being received is stored and
// answered before its session ends.
function stop(server: GreetingServer, sessions: Sessions): Promise<void> {
  return new Promise((resolve) => {
    server.close(resolve)
    sessions.stopping = true
    server.end(
      (session) => !sessions.busy.has(session),
      'Closing for maintenance, please try again'
    )
  })
}
