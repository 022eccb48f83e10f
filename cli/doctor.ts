import { Command } from 'commander'
import { channels } from '../channels/index.ts'
import { ok, type Check } from './doctor/check.ts'
import {
  checkAgency,
  checkMetrics,
  checkProxy,
  checkPublicUrl,
  checkSettings
} from './doctor/configuration.ts'
import { checkDatabase } from './doctor/database.ts'
import { checkFax } from './doctor/fax.ts'
import { checkMail } from './doctor/mail.ts'
import { checkMailHooks } from './doctor/mail-hooks.ts'
import { checkMailboxes } from './doctor/mailboxes.ts'
import { checkScans, checkTrays } from './doctor/paper.ts'
import { checkPorts } from './doctor/ports.ts'
import { checkPostgresQueue, checkRedis, queueIsRedis } from './doctor/queue.ts'
import { checkReading } from './doctor/reading.ts'
import { checkStorage } from './doctor/storage.ts'
import { checkHeldByTwilio, checkTwilio } from './doctor/twilio.ts'
import { checkWebhooks } from './doctor/webhooks.ts'
import { environmentFile } from './environment-file.ts'
import { checkWork } from './doctor/work.ts'
import { print, printJson } from './shared.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Looks at settings, connections, disk, certificates, clocks and channels: what is wrong and what to do'
    )
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const checks = await examine(process.env, environmentFile().names)
      const failed = checks.some(({ state }) => state === 'fail')
      if (failed) process.exitCode = 1
      if (json) return printJson({ ok: !failed, checks })
      for (const check of checks) print(describe(check))
      print(summarise(checks))
    })
}

/**
 * Every check, in the order a person would mend things. Without usable settings nothing else can be
 * looked at.
 */
export async function examine(
  environment: Record<string, string | undefined>,
  inFile: readonly string[] = []
): Promise<Check[]> {
  const { checks, settings } = checkSettings(environment, inFile)
  if (!settings) return checks
  const { checks: files, agency } = await checkAgency(settings)
  return [
    ...checks,
    ...files,
    checkPublicUrl(settings),
    checkProxy(settings),
    ...(await checkMetrics(settings)),
    ...(await checkStorage(settings)),
    ...(await checkDatabase(settings, async (db) => [
      ...(queueIsRedis(settings) ? [] : [await checkPostgresQueue(db)]),
      ...(await checkWork(db, agency)),
      ...(await checkWebhooks(db, agency)),
      ...(await checkHeldByTwilio(db)),
      ...(await checkTrays(db)),
      ...(await checkMailboxes(db, settings, agency))
    ])),
    ...(queueIsRedis(settings) ? await checkRedis(settings.REDIS_URL) : []),
    ...(await checkPorts(settings)),
    ...(await checkMail(settings, agency?.departments.agency.email)),
    ...checkMailHooks(settings),
    ...(await checkTwilio(settings)),
    ...(await checkReading(settings, agency)),
    ...(await checkFax(settings)),
    ...(await checkScans(settings)),
    ok('channels', channels.map(({ kind }) => kind).join(', '))
  ]
}

const marks = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' }

function describe({ name, state, finding, advice }: Check): string {
  return `${marks[state]}  ${name.padEnd(13)} ${finding}${advice ? `\n${' '.repeat(20)}${advice}` : ''}`
}

function summarise(checks: readonly Check[]): string {
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length
  return `${checks.length} checks: ${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed.`
}
