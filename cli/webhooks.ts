import { findDepartment } from '../config/departments.ts'
import { Command } from 'commander'
import type { Department } from '../config/schema.ts'
import { EvenhandError } from '../platform/errors.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import {
  dismiss,
  listFailures,
  listWebhooks,
  sendAgain,
  startLine,
  type WebhookView
} from '../core/webhooks/failures.ts'
import { webhookSecret } from '../core/webhooks/send.ts'
import { actorFrom, withActor } from './actor.ts'
import { print, printJson, requireDepartment, withRuntime } from './shared.ts'

interface Common {
  json?: boolean
  as?: string
}

/** Webhooks of departments: how they stand, their secrets, and what waits for a person. */
export function webhooksCommand(): Command {
  return new Command('webhooks')
    .description(
      "Departments' own systems: how far each has been told, and what waits for a person"
    )
    .addCommand(listCommand())
    .addCommand(secretCommand())
    .addCommand(startCommand())
    .addCommand(sendCommand())
    .addCommand(dismissCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('Shows each webhook, and the events that were not taken')
    .option('--json', 'print JSON')
    .action((options: Common) =>
      withRuntime(async (runtime) => {
        const [webhooks, { total, failures }] = [
          await listWebhooks(runtime),
          await listFailures(runtime.db, 1_000)
        ]
        if (options.json) return printJson({ webhooks, total, failures })
        if (webhooks.length === 0) print('No department has a webhook (departments.yaml).')
        for (const hook of webhooks) print(describe(hook))
        if (total > 0) print(`${total} not taken:`)
        for (const one of failures)
          print(`${one.id}  ${one.department}  ${one.kind}  ${one.receipt}  ${one.reason}`)
      })
    )
}

function describe({ department, url, state, reason, behind, nextTry }: WebhookView): string {
  return `${department}  ${state}${reason ? `: ${reason}` : ''}${nextTry ? `, next try ${nextTry.toISOString()}` : ''}  ${behind} to be told  ${url ?? '(no longer in departments.yaml)'}`
}

function secretCommand(): Command {
  return new Command('secret')
    .description("Prints the secret that a department's deliveries are signed with")
    .argument('<department>')
    .option('--json', 'print JSON')
    .action((id: string, options: Common) =>
      withRuntime(async (runtime) => {
        const secret = webhookSecret(runtime, id, requireHook(runtime, id).secretVersion)
        if (options.json) printJson({ department: id, secret })
        else print(secret)
      })
    )
}

function startCommand(): Command {
  return acting(
    'start',
    'Goes on with a webhook that stopped, or tries one again at once',
    '<department>',
    async (runtime, id, actor) => {
      requireHook(runtime, id)
      await startLine(runtime, id, actor)
      return { department: id, state: 'running' }
    }
  )
}

function sendCommand(): Command {
  return acting(
    'send',
    'Sends an event that was not taken once more',
    '<event>',
    async (runtime, id, actor) => {
      await sendAgain(runtime, id, actor)
      return { id, state: 'sent' }
    }
  )
}

function dismissCommand(): Command {
  return acting(
    'dismiss',
    'Takes an event off the list of those that were not taken',
    '<event>',
    async (runtime, id, actor) => {
      await dismiss(runtime.db, id, actor)
      return { id, state: 'dismissed' }
    }
  )
}

function acting(
  name: string,
  description: string,
  argument: string,
  act: (runtime: OpenRuntime, id: string, actor: string) => Promise<Record<string, string>>
): Command {
  return withActor(new Command(name))
    .description(description)
    .argument(argument)
    .option('--json', 'print JSON')
    .action((id: string, options: Common) =>
      withRuntime(async (runtime) => {
        const done = await act(runtime, id, await actorFrom(runtime.db, options.as))
        if (options.json) printJson(done)
        else print(Object.values(done).join('  '))
      })
    )
}

/** @throws DEPARTMENT_UNKNOWN, WEBHOOK_UNKNOWN */
function requireHook(
  runtime: Pick<Runtime, 'agency'>,
  id: string
): NonNullable<Department['webhook']> {
  requireDepartment(runtime, id)
  const webhook = findDepartment(runtime.agency().departments, id)?.webhook
  if (!webhook) throw new EvenhandError('WEBHOOK_UNKNOWN', `departments.yaml names none for ${id}`)
  return webhook
}
