import { findDepartment } from '../../../config/departments.ts'
import { Router, type Request } from 'express'
import { tryMailbox } from '../../../channels/email/try-mailbox.ts'
import { mailboxLocation, secretNames, type PulledMailbox } from '../../../config/mailboxes.ts'
import {
  isFailing,
  mailboxStates,
  openMailboxRecords,
  type MailboxState
} from '../../../core/intake/mailbox-records.ts'
import { EvenhandError, type ErrorCode } from '../../../platform/errors.ts'
import { formatLocalTime } from '../../../platform/local-time.ts'
import type { WebContext } from '../../context.ts'
import { requireStaff } from '../shared/authorization.ts'
import { field } from '../shared/fields.ts'
import { showPage, type PageTools } from '../shared/pages.ts'
import { staffRoles } from '../shared/roles.ts'
import {
  blankMailbox,
  checkTyped,
  kindOf,
  readTyped,
  yamlOf,
  type Kind,
  type Problem,
  type Typed
} from './typed.ts'

/** How trying a mailbox went: of one that is set up (`id`), or of the one that was typed. */
interface Outcome {
  readonly id: string | undefined
  readonly good: boolean
  readonly text: string
}

/**
 * Mailboxes that are pulled: how each stands, and trying one out. They are set up in
 * mailboxes.yaml, which no page writes: its lines are shown to be copied.
 */
export function mailboxesRouter(options: WebContext, tools: PageTools): Router {
  const router = Router()
  router.use('/mailboxes', requireStaff(staffRoles))
  router.get('/mailboxes', async (request, response) => {
    const page = await model(options, { kind: kindOf(request.query['kind']) })
    showPage(tools, request, response, 'mailboxes/mailboxes', page)
  })
  router.post('/mailboxes/:id/try', async (request, response) => {
    const mailbox = mailboxOf(options, request)
    const outcome = { id: mailbox.id, ...(await attempt(options, mailbox)) }
    const page = await model(options, { outcome })
    showPage(tools, request, response, 'mailboxes/mailboxes', page)
  })
  router.post('/mailboxes', async (request, response) => {
    const page = await model(options, await tryTyped(options, request))
    const status = page.problems.length > 0 ? 422 : 200
    showPage(tools, request, response, 'mailboxes/mailboxes', { ...page, status })
  })
  return router
}

interface Extra {
  /** Of the mailbox that is set up, where nothing was typed yet. */
  readonly kind?: Kind
  readonly outcome?: Outcome
  readonly typed?: Typed
  readonly problems?: readonly Problem[]
  readonly yaml?: string
  readonly secret?: string
}

async function model({ agency, db, settings }: WebContext, extra: Extra = {}) {
  const { departments, mailboxes = [] } = agency()
  const states = await mailboxStates(db, mailboxes.map(mailboxLocation))
  const { problems = [], outcome } = extra
  return {
    title: problems.length > 0 || outcome?.good === false ? 'Error: Mailboxes' : 'Mailboxes',
    current: '/desk/mailboxes',
    mailboxes: mailboxes.map((mailbox) => ({
      ...mailbox,
      at: whereIs(mailbox),
      name: findDepartment(departments, mailbox.department)?.name,
      state: states.get(mailboxLocation(mailbox)),
      stands: standsOf(states.get(mailboxLocation(mailbox))),
      unset: secretNames(mailbox).filter((name) => settings.mailboxSecrets[name] === undefined)
    })),
    departments: departments.departments,
    problemsHeading: 'Please check these answers',
    typed:
      extra.typed ??
      blankMailbox(
        extra.kind ?? 'imap',
        formatLocalTime(new Date(), departments.agency.timeZone).slice(0, 10)
      ),
    problems,
    outcome,
    yaml: extra.yaml,
    secret: extra.secret
  }
}

/** Its server, as an administrator knows it. */
function whereIs(mailbox: PulledMailbox): string {
  return mailbox.kind === 'graph' ? 'Microsoft 365' : mailbox.host
}

function standsOf(state: MailboxState | undefined): string {
  if (!state) return 'Not looked at yet'
  if (isFailing(state)) return 'Cannot be pulled; tried again'
  return state.lookedAt ? 'Pulled' : 'Being looked through'
}

function mailboxOf({ agency }: WebContext, request: Request): PulledMailbox {
  const found = agency().mailboxes?.find(({ id }) => id === request.params['id'])
  if (!found) throw new EvenhandError('NOT_FOUND')
  return found
}

async function tryTyped(options: WebContext, request: Request): Promise<Extra> {
  const typed = readTyped(request)
  const checked = checkTyped(typed)
  if ('problems' in checked) return { typed, problems: checked.problems }
  const { mailbox } = checked
  const [secret] = secretNames(mailbox)
  const settings = {
    ...options.settings,
    mailboxSecrets: { [secret!]: field(request, 'password', 1_000) }
  }
  const outcome = { id: undefined, ...(await attempt({ ...options, settings }, mailbox)) }
  return { typed, outcome, ...(outcome.good ? { yaml: yamlOf(typed), secret: secret! } : {}) }
}

async function attempt(
  { db, settings }: Pick<WebContext, 'db' | 'settings'>,
  mailbox: PulledMailbox
): Promise<Omit<Outcome, 'id'>> {
  try {
    const { there, untaken } = await tryMailbox(mailbox, settings, openMailboxRecords(db))
    const text = `It can be opened. Mails since ${mailbox.since}: ${there}, not taken yet: ${untaken}.`
    return { good: true, text }
  } catch (error) {
    if (!(error instanceof EvenhandError)) throw error
    return { good: false, text: sayFailure(mailbox, error) }
  }
}

/** What Microsoft 365 needs, by the names on this page; the catalogue's words are IMAP's first. */
const graphFailures: Partial<Record<ErrorCode, string>> = {
  MAILBOX_TOKEN:
    'Microsoft gave no token for the app. Check tenant, application (client) id, cloud and client secret.',
  MAILBOX_DOWN:
    'Microsoft 365 cannot be reached, or the connection broke. Check the cloud, and that this machine may reach it.',
  MAILBOX_SIGN_IN:
    'Microsoft 365 does not take the token of the app. Check the cloud and the app registration.'
}

function sayFailure({ kind }: PulledMailbox, { code, message, detail }: EvenhandError): string {
  const words = kind === 'graph' ? graphFailures[code] : undefined
  return words === undefined ? message : [words, detail && `(${detail})`].filter(Boolean).join(' ')
}
