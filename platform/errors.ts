/**
 * The catalogue of everything that can go wrong, in one place: a code that is a word, the HTTP
 * status, whether trying again can help, whether an administrator should hear of it, and a sentence
 * that says what to do.
 * Long because it is a catalogue.
 */
interface Entry {
  readonly status: number
  readonly retry: boolean
  readonly report: boolean
  readonly text: string
}

export const catalogue = {
  // Intake
  INTAKE_BUSY: {
    status: 503,
    retry: true,
    report: false,
    text: 'Too many contacts are arriving at once. Please try again in a moment.'
  },
  INTAKE_STORE_DOWN: {
    status: 503,
    retry: true,
    report: true,
    text: 'The contact could not be stored safely. Please try again in a moment.'
  },
  INTAKE_TOO_LARGE: {
    status: 413,
    retry: false,
    report: false,
    text: 'The contact is larger than this channel accepts.'
  },
  INTAKE_UNKNOWN_CHANNEL: {
    status: 400,
    retry: false,
    report: false,
    text: 'There is no such channel. `evenhand submit --help` lists them.'
  },
  // Mailboxes that are pulled
  MAILBOX_DOWN: {
    status: 502,
    retry: true,
    report: true,
    text: 'The mail server cannot be reached, or the connection broke. Check host, port and encryption of the mailbox, and that this machine may reach them.'
  },
  MAILBOX_SIGN_IN: {
    status: 502,
    retry: true,
    report: true,
    text: 'The mail server does not take the sign-in. Check the user of the mailbox and its password or token.'
  },
  MAILBOX_SECRET: {
    status: 500,
    retry: true,
    report: true,
    text: 'The environment has no secret for this mailbox. Set its variable where the worker runs, and restart it.'
  },
  MAILBOX_TOKEN: {
    status: 502,
    retry: true,
    report: true,
    text: 'The token service gave no token for the mailbox. Check tokenUrl, clientId and scope (of Microsoft Graph: cloud, tenant and clientId), and the secret in the environment.'
  },
  MAILBOX_FOLDER: {
    status: 502,
    retry: true,
    report: true,
    text: 'The mail server does not open the folder of the mailbox. Check its name, and that the user may open it.'
  },
  MAILBOX_THROTTLED: {
    status: 502,
    retry: true,
    report: true,
    text: 'The mail server asks to be left alone for a while. It is asked again then; nothing needs to be done.'
  },
  MAILBOX_PERMISSION: {
    status: 502,
    retry: true,
    report: true,
    text: 'The app may not read this mailbox. Give it the application permission Mail.Read with the consent of an administrator, or name the mailbox in the scope of its role, and wait: it can take two hours.'
  },
  MAILBOX_UNKNOWN: {
    status: 502,
    retry: true,
    report: true,
    text: 'The mail server knows no such mailbox. Check the user and the tenant, and that the user has a mailbox in Exchange Online.'
  },
  MAILBOX_ANSWER: {
    status: 502,
    retry: true,
    report: true,
    text: 'The mail server answers in a way that is not understood. Check the cloud or the endpoints of the mailbox; if they are right, report it with this sentence.'
  },
  // Reading
  READ_UNPARSEABLE: {
    status: 422,
    retry: false,
    report: true,
    text: 'The content could not be read by machine; a person must look at the original.'
  },
  READ_TIMEOUT: {
    status: 422,
    retry: false,
    report: true,
    text: 'Reading the content took longer than allowed; a person must look at the original.'
  },
  READ_SLOW: {
    status: 422,
    retry: true,
    report: false,
    text: 'Reading the content takes longer than others may wait for; it is read apart from them.'
  },
  READERS_DOWN: {
    status: 503,
    retry: true,
    report: true,
    text: 'No process to read with could be started. Check the memory and the number of processes of this machine.'
  },
  READERS_STOPPED: {
    status: 503,
    retry: true,
    report: false,
    text: 'This process ends, and its readers with it; what they had in hand is read by the next one.'
  },
  READ_CRASHED: {
    status: 422,
    retry: true,
    report: true,
    text: 'Reading the content ended the reader; a person must look at the original.'
  },
  READ_LIMIT: {
    status: 422,
    retry: false,
    report: true,
    text: 'The content has more parts or more data than is read by machine; a person must look at the original.'
  },
  READ_BLOB_MISSING: {
    status: 500,
    retry: true,
    report: true,
    text: 'The stored original cannot be found. Check the disk or the blob store.'
  },
  FETCH_REFUSED: {
    status: 502,
    retry: false,
    report: true,
    text: 'A file kept by the provider was not fetched, because it lies where nothing may be fetched from.'
  },
  FETCH_LIMIT: {
    status: 502,
    retry: false,
    report: true,
    text: 'A file kept by the provider is larger than is taken in.'
  },
  FETCH_FAILED: {
    status: 502,
    retry: true,
    report: true,
    text: 'A file kept by the provider could not be fetched.'
  },
  FETCH_DOWN: {
    status: 502,
    retry: true,
    report: true,
    text: 'A file kept by the provider could not be fetched, because the provider does not answer or does not take our credentials.'
  },
  FETCH_GONE: {
    status: 502,
    retry: false,
    report: true,
    text: 'The provider no longer has the file.'
  },
  TEXT_UNSURE: {
    status: 422,
    retry: false,
    report: true,
    text: 'The text could not be read surely enough to decide by it; a person must give it.'
  },
  TEXT_REQUIRED: {
    status: 422,
    retry: false,
    report: false,
    text: 'Type what it says, or what it shows, in at most 100,000 characters.'
  },
  REPLY_EMPTY: {
    status: 422,
    retry: false,
    report: false,
    text: 'Nothing was sent: the reply has no words yet.'
  },
  REPLY_TOO_LONG: {
    status: 422,
    retry: false,
    report: false,
    text: 'Nothing was sent: a reply or note has at most 20,000 characters, and a text message at most 1,600 with the line that names the agency. Shorten it, or choose another way.'
  },
  REPLY_ADDRESS: {
    status: 422,
    retry: false,
    report: false,
    text: 'Nothing was sent: choose where the reply goes. A mail needs an address, a text a whole telephone number.'
  },
  REPLY_TYPED: {
    status: 422,
    retry: false,
    report: false,
    text: 'Nothing was sent: the address that was typed does not serve its way. A mail needs one such as name@example.org, a text a whole telephone number, a call at least three digits.'
  },
  REPLY_OUTCOME: {
    status: 422,
    retry: false,
    report: false,
    text: 'Nothing was sent: choose what the case came to before you send and close. Your words are kept.'
  },
  REPLY_LETTER: {
    status: 422,
    retry: false,
    report: false,
    text: 'The letter was not made: it has characters that cannot be printed here (Latin letters with every accent, Greek, Cyrillic, Armenian and Georgian can). Send it another way, such as by mail, text or a call, or write them otherwise.'
  },
  REPLY_WINDOW: {
    status: 422,
    retry: false,
    report: false,
    text: 'The letter was not made: its address does not fit the window of an envelope (six lines of about 50 letters). Write it shorter.'
  },
  REPLY_FILES: {
    status: 422,
    retry: false,
    report: false,
    text: 'A mail or a letter may have 10 files with 15 MB together; a text message or a call has none. Your words are kept.'
  },
  REPLY_LANGUAGE: {
    status: 422,
    retry: false,
    report: false,
    text: 'Nothing was sent: choose one of the languages of the agency.'
  },
  SAVED_REPLY_UNKNOWN: {
    status: 422,
    retry: false,
    report: false,
    text: 'Nothing was sent: the department has no such saved reply. They are listed in config/replies.yaml.'
  },
  REPLY_DECIDED: {
    status: 409,
    retry: false,
    report: false,
    text: 'Somebody else has decided about this reply meanwhile.'
  },
  REPLY_OWN: {
    status: 403,
    retry: false,
    report: false,
    text: 'Another person than the writer has to look at this reply.'
  },
  NOTE_EMPTY: { status: 422, retry: false, report: false, text: 'The note has no words yet.' },
  DUTY_ENDING: {
    status: 422,
    retry: false,
    report: false,
    text: 'Nothing was settled: choose one of the ways in which this can end.'
  },
  DUTY_SETTLED: {
    status: 409,
    retry: false,
    report: false,
    text: 'Somebody else has settled this meanwhile.'
  },
  HELD_BY_CHANNEL: {
    status: 422,
    retry: false,
    report: true,
    text: 'The channel could not vouch for this contact (signature, form check); a person must look at it.'
  },
  SETTLE_FAILED: {
    status: 500,
    retry: true,
    report: true,
    text: 'The contact could not be settled; a person must look at it.'
  },
  // Forms and pages
  FORM_UNKNOWN: { status: 404, retry: false, report: false, text: 'There is no such form.' },
  FORM_INVALID: { status: 422, retry: false, report: false, text: 'Some answers need attention.' },
  FORM_EXPIRED: {
    status: 403,
    retry: true,
    report: false,
    text: 'The browser sent nothing that proves that this form is from a page of yours: cookies are off, or the page is older than your signing in. Nothing was sent or changed. Load the page again.'
  },
  FORM_OF_ANOTHER: {
    status: 403,
    retry: false,
    report: false,
    text: 'Somebody else was signed in here when this page was opened. Nothing was sent or changed, and what they typed is not shown. Load the page again.'
  },
  RATE_LIMITED: {
    status: 429,
    retry: true,
    report: false,
    text: 'That was more than is taken in one minute. Please wait a minute and try again.'
  },
  REQUEST_SLOW: {
    status: 408,
    retry: true,
    report: false,
    text: 'Nothing more came of what was being sent, so it was not kept. Please send it again.'
  },
  METRICS_PRIVATE: {
    status: 403,
    retry: false,
    report: false,
    text: 'Figures are given on this machine only, or with METRICS_TOKEN as `Authorization: Bearer …`.'
  },
  NOT_FOUND: {
    status: 404,
    retry: false,
    report: false,
    text: 'There is nothing at this address.'
  },
  BAD_REQUEST: {
    status: 400,
    retry: false,
    report: false,
    text: 'The request could not be understood.'
  },
  REQUEST_INVALID: {
    status: 422,
    retry: false,
    report: false,
    text: 'Parts of the request are not as they should be; `errors` names each.'
  },
  MEDIA_TYPE_UNKNOWN: {
    status: 415,
    retry: false,
    report: false,
    text: 'The body is of a media type that is not taken here.'
  },
  RECEIPT_UNKNOWN: {
    status: 404,
    retry: false,
    report: false,
    text: 'No contact can be shown for this code. Check each letter and digit of the receipt.'
  },
  // Desk and line
  SIGN_IN_FAILED: {
    status: 401,
    retry: false,
    report: false,
    text: 'The e-mail address or the password is not right, or sign-in from here is paused for some minutes after several failures.'
  },
  SIGN_IN_REQUIRED: { status: 401, retry: false, report: false, text: 'Please sign in.' },
  NOT_ALLOWED: {
    status: 403,
    retry: false,
    report: false,
    text: 'Your account may not do this. Ask your administrator.'
  },
  OWN_ACCOUNT: {
    status: 403,
    retry: false,
    report: false,
    text: 'This is your own account: only another administrator may change or disable it, or make a link for it. Nothing was changed.'
  },
  SETUP_LINK_USED: {
    status: 410,
    retry: false,
    report: false,
    text: 'This set-up link has been used or has expired. Ask your administrator for a new one.'
  },
  STAFF_EXISTS: {
    status: 409,
    retry: false,
    report: false,
    text: 'There is an account with this e-mail address already.'
  },
  STAFF_DISABLED: {
    status: 409,
    retry: false,
    report: false,
    text: 'This account is disabled. Enable it first, then make the link.'
  },
  LAST_ADMIN: {
    status: 409,
    retry: false,
    report: false,
    text: 'Nothing was changed: without this account nobody could sign in as an administrator. Set up another one first.'
  },
  STAFF_UNKNOWN: { status: 404, retry: false, report: false, text: 'There is no such account.' },
  DEPARTMENT_UNKNOWN: {
    status: 404,
    retry: false,
    report: false,
    text: 'There is no such department. Departments are listed in config/departments.yaml.'
  },
  CASE_UNKNOWN: {
    status: 404,
    retry: false,
    report: false,
    text: 'There is no case with this number or receipt.'
  },
  CASE_NOT_TAKEN: {
    status: 409,
    retry: false,
    report: false,
    text: 'You do not hold this case, so nothing was changed. It may have been closed, given back or taken by a colleague meanwhile: look at it again.'
  },
  CASE_HAS_NEWS: {
    status: 409,
    retry: false,
    report: false,
    text: 'Nothing was sent or closed: a message came to this case after your page was loaded. Read it in the conversation, then go on; what you typed is kept.'
  },
  OTHER_CASE_HELD: {
    status: 409,
    retry: false,
    report: false,
    text: 'The other case is held by a colleague, so nothing was changed. Ask them to join it, or to give it back.'
  },
  NOTHING_ASKED: {
    status: 409,
    retry: false,
    report: false,
    text: 'The case cannot wait for its resident: nothing was sent to them since their last message, or it did not arrive. Reply first with what you need to know, then let the case wait.'
  },
  REMINDER_NEEDED: {
    status: 422,
    retry: false,
    report: false,
    text: 'Say on which day the case comes back if no answer arrives: a day after today, at most a year from now.'
  },
  CASE_NOT_PAUSED: {
    status: 409,
    retry: false,
    report: false,
    text: 'This case does not wait for its resident, so nothing was changed. Look at it again.'
  },
  CASE_PARTS: {
    status: 409,
    retry: false,
    report: false,
    text: 'This contact has been split into as many cases as it can be. Join two of them first.'
  },
  CONTACT_NOT_HERE: {
    status: 409,
    retry: false,
    report: false,
    text: 'This message is not one of the case. Look at the case again, and choose one of its messages.'
  },
  CASE_ELSEWHERE: {
    status: 409,
    retry: false,
    report: false,
    text: 'The other case is in another department. Transfer one of them first, then join them.'
  },
  CASE_NOT_HELD: {
    status: 409,
    retry: false,
    report: false,
    text: 'The case is not held by that person any more, or they act on it just now. Nothing was changed; look at it again.'
  },
  CASES_HELD: {
    status: 409,
    retry: false,
    report: false,
    text: 'You hold as many cases of this department as one person or key may hold at a time. Close, transfer, hand off, pass or return one of them before you take the next.'
  },
  CASE_ALREADY_THERE: {
    status: 409,
    retry: false,
    report: false,
    text: 'That department already has a case of this contact, so nothing was moved. Return or close this one.'
  },
  CASE_NOT_JOINABLE: {
    status: 409,
    retry: false,
    report: false,
    text: 'These two cases cannot be joined, so nothing was changed: a case is joined with another one, which is not joined into a third already.'
  },
  CASE_NOT_JOINED: {
    status: 409,
    retry: false,
    report: false,
    text: 'This case is not joined into another, so nothing was changed.'
  },
  LINK_UNKNOWN: {
    status: 404,
    retry: false,
    report: false,
    text: 'There is no such link, or it has been decided already.'
  },
  CONTACT_NOT_DUPLICATE: {
    status: 409,
    retry: false,
    report: false,
    text: 'This contact has a case of its own, so there is nothing to undo.'
  },
  CASE_NOT_CLOSED: {
    status: 409,
    retry: false,
    report: false,
    text: 'Only a closed or handed-off case can be reopened.'
  },
  NAME_REQUIRED: {
    status: 422,
    retry: false,
    report: false,
    text: 'Give at least a name, a mail address, a phone number or an address of somebody new.'
  },
  OUTCOME_UNKNOWN: {
    status: 422,
    retry: false,
    report: false,
    text: 'The department has no such outcome, so nothing was changed. Choose one of its list, or close in your own words.'
  },
  OUTCOME_NOT_ANSWERED: {
    status: 409,
    retry: false,
    report: false,
    text: 'This outcome says that an answer was sent, and none was, so nothing was changed. Send one first, or choose another outcome.'
  },
  CLOSING_REASON_REQUIRED: {
    status: 422,
    retry: false,
    report: false,
    text: 'No answer was sent in this case. Say why it is closed without one.'
  },
  REASON_REQUIRED: { status: 422, retry: false, report: false, text: 'A reason is required.' },
  CONTACT_CHANGED: {
    status: 409,
    retry: false,
    report: false,
    text: 'Somebody has acted on this contact since the page was made, so nothing was done. Look at it again.'
  },
  CONTACT_NOT_QUARANTINED: {
    status: 409,
    retry: false,
    report: false,
    text: 'This contact is not in quarantine.'
  },
  // Mailroom
  STAMP_OUT_OF_BOUNDS: {
    status: 422,
    retry: false,
    report: false,
    text: 'A received stamp may not lie in the future, nor further back than config/mailroom.yaml allows.'
  },
  BATCH_UNKNOWN: {
    status: 404,
    retry: false,
    report: false,
    text: 'There is no such batch, letter or sheet.'
  },
  BATCH_RELEASED: {
    status: 409,
    retry: false,
    report: false,
    text: 'The batch has been released, so nothing was changed. Log a new tray for more scans.'
  },
  BATCH_UNREAD: {
    status: 409,
    retry: false,
    report: false,
    text: 'The batch is still being scanned or read, so nothing was changed. Finish scanning and wait for the last page.'
  },
  BATCH_BUSY: {
    status: 503,
    retry: true,
    report: false,
    text: 'The batch is being released. Please try again in a moment.'
  },
  BATCH_UNBALANCED: {
    status: 422,
    retry: false,
    report: false,
    text: 'Something about this batch needs a reason before it is released.'
  },
  BATCH_FULL: {
    status: 422,
    retry: false,
    report: false,
    text: 'The batch holds as many scans or pages as one batch may. Log a new tray for the rest.'
  },
  // Keys of other systems
  KEY_REQUIRED: {
    status: 401,
    retry: false,
    report: false,
    text: 'A valid key is required: send it as `Authorization: Bearer …`. Keys are made by an administrator.'
  },
  KEY_SCOPE: {
    status: 403,
    retry: false,
    report: false,
    text: 'This key may not do that. Ask the administrator for a key with the scope it needs.'
  },
  KEY_BUSY: {
    status: 429,
    retry: true,
    report: false,
    text: 'This key has had its requests for this minute. Wait as long as Retry-After says.'
  },
  KEY_UNKNOWN: {
    status: 404,
    retry: false,
    report: false,
    text: 'There is no such key. `evenhand keys list` shows them.'
  },
  KEY_INVALID: {
    status: 422,
    retry: false,
    report: false,
    text: 'A key needs a name and at least one known scope.'
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    retry: false,
    report: false,
    text: 'The Idempotency-Key has to be 1 to 255 visible characters.'
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retry: false,
    report: false,
    text: 'This Idempotency-Key came with another request before. Use a new one for a new request.'
  },
  IDEMPOTENCY_KEY_BUSY: {
    status: 409,
    retry: false,
    report: false,
    text: 'The first request with this Idempotency-Key is still being worked on. Send it again in a moment.'
  },
  // Webhooks
  WEBHOOK_UNKNOWN: {
    status: 404,
    retry: false,
    report: false,
    text: 'There is no such webhook or event to send. The list has those there are.'
  },
  WEBHOOK_REFUSED: {
    status: 502,
    retry: true,
    report: false,
    text: 'The receiver did not take the event; it stays in the list.'
  },
  // Constituents
  CONSTITUENT_UNKNOWN: {
    status: 404,
    retry: false,
    report: false,
    text: 'There is no such constituent or merge.'
  },
  CONSTITUENT_MERGED: {
    status: 409,
    retry: false,
    report: false,
    text: 'One of the two is already merged into another, so nothing was changed. Undo that merge first.'
  },
  // Starting, and what has to be there while it runs
  DATABASE_DOWN: {
    status: 503,
    retry: true,
    report: true,
    text: 'The database cannot be reached.'
  },
  PORT_TAKEN: {
    status: 500,
    retry: false,
    report: true,
    text: 'An address to listen on cannot be used. End the program that holds it, or choose another.'
  },
  ALREADY_RUNNING: {
    status: 500,
    retry: false,
    report: true,
    text: 'Evenhand is running with this data folder already. Stop that one first, or give this one a DATA_DIR and ports of its own.'
  },
  STORAGE_FULL: {
    status: 503,
    retry: true,
    report: true,
    text: 'The disk is full. Nothing that was accepted is lost; make room, and it goes on by itself.'
  },
  DATABASE_START: {
    status: 500,
    retry: false,
    report: true,
    text: 'The embedded PostgreSQL could not be started.'
  },
  CONFIG_INVALID: {
    status: 500,
    retry: false,
    report: true,
    text: 'The configuration cannot be used.'
  },
  INTERNAL: {
    status: 500,
    retry: true,
    report: true,
    text: 'Something went wrong on our side. Nothing that was accepted is lost.'
  }
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof catalogue

/** An error with a catalogue code; `detail` adds facts for staff and never holds personal data. */
export class EvenhandError extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ? `${catalogue[code].text} (${detail})` : catalogue[code].text, options)
    this.name = 'EvenhandError'
    this.code = code
    this.detail = detail
  }

  get status(): number {
    return catalogue[this.code].status
  }
  get retry(): boolean {
    return catalogue[this.code].retry
  }
  get report(): boolean {
    return catalogue[this.code].report
  }
}

/**
 * Any thrown thing as a catalogue error: ours unchanged, lost connections as DATABASE_DOWN, the
 * rest as INTERNAL.
 */
export function asEvenhandError(error: unknown): EvenhandError {
  if (error instanceof EvenhandError) return error
  return new EvenhandError(
    isConnectionLoss(error) ? 'DATABASE_DOWN' : isStorageFull(error) ? 'STORAGE_FULL' : 'INTERNAL',
    undefined,
    { cause: error }
  )
}

/**
 * True for a trouble of this machine that has nothing to do with what is worked on: it is tried
 * again for as long as it takes.
 */
export function isOurTrouble({ code }: EvenhandError): boolean {
  return ourTroubles.has(code)
}

const ourTroubles = new Set<ErrorCode>([
  'DATABASE_DOWN',
  'STORAGE_FULL',
  'READERS_DOWN',
  'READERS_STOPPED'
])

// 53100 (disk full): PostgreSQL docs, appendix A; no room, no quota, no writing after the disk was
// taken for broken.
const fullStates = new Set(['53100', 'ENOSPC', 'EDQUOT', 'EROFS'])

/** True when there is no room on a disk, ours or PostgreSQL's. */
export function isStorageFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return fullStates.has(String((error as { code?: unknown }).code)) || isStorageFull(error.cause)
}

// Class 08 (connection), 57P0x (shutdown, crash, starting up), 53300 (too many connections):
// PostgreSQL docs, appendix A.
const connectionStates = /^(08|57P0|53300)/
const connectionErrnos = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT'])

/** True when the database went away or refused: the work may be tried again as it is. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string' && (connectionStates.test(code) || connectionErrnos.has(code)))
    return true
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after/.test(
    error.message
  )
}
