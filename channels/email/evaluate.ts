/**
 * How well mails are read, on a folder of saved ones: which kind each is, what is new in it, and
 * what came with it; beside the truth where the folder has it.
 */
import { createHash } from 'node:crypto'
import { newWords, type EnvelopeDraft } from '../../core/envelope.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { mailFromOf } from './from-file.ts'
import { messageFields } from './headers.ts'
import { MSG_TYPE } from './msg.ts'
import { passedOnIn } from './originator.ts'
import { translate } from './translate.ts'

/** One file, as it was read. */
export interface EvaluatedMail {
  readonly file: string
  /** `refused`: over a bound, or no mail; `code` says which. */
  readonly kind: 'message' | 'auto-reply' | 'bounce' | 'refused'
  readonly code?: string
  /** Of a report: what it says of our mail, and whether the address itself is no good. */
  readonly outcome?: string
  readonly lasting?: boolean
  /** Of a mail whose text is another one that was passed on: the address of that one's author. */
  readonly passedOn?: { readonly author?: string }
  readonly subject: string
  readonly text: string
  readonly newText: string
  readonly documents: readonly {
    readonly name: string
    readonly bytes: number
    readonly sha256: string
    /** Of an invitation or a card, which have no pages. */
    readonly text?: string
  }[]
}

/** What is known of a file, by whoever collected it. */
export interface MailTruth {
  readonly kind?: EvaluatedMail['kind']
  /** Whether a failure is hard, for each recipient. */
  readonly lasting?: readonly boolean[]
  readonly newText?: string
}

/**
 * Reads one saved file. One that has no header of a mail is taken for the text of one, as samples
 * of replies are kept.
 */
export async function evaluateMail(file: string, bytes: Uint8Array): Promise<EvaluatedMail> {
  const whole = asMail(file, bytes)
  const mailFrom = mailFromOf(messageFields(whole))
  try {
    const [read] = await translate({
      channel: 'email',
      source: 'smtp',
      bytes: whole,
      mediaType: /\.msg$/i.test(file) ? MSG_TYPE : 'message/rfc822',
      sha256: createHash('sha256').update(whole).digest('hex'),
      recipients: [],
      evidence: mailFrom === undefined ? {} : { mailFrom }
    })
    return { file, ...described(read!) }
  } catch (error) {
    if (!(error instanceof EvenhandError)) throw error
    return { file, ...refused, code: error.code }
  }
}

const refused = { kind: 'refused', subject: '', text: '', newText: '', documents: [] } as const

function described({
  kind,
  envelope
}: Awaited<ReturnType<typeof translate>>[number]): Omit<EvaluatedMail, 'file'> {
  const report = envelope.evidence['report'] as
    Pick<EvaluatedMail, 'outcome' | 'lasting'> | undefined
  return {
    kind,
    ...(report?.outcome === undefined ? {} : { outcome: report.outcome }),
    ...(report?.lasting === undefined ? {} : { lasting: report.lasting }),
    ...passedOnBy(kind, envelope),
    subject: envelope.subject ?? '',
    text: envelope.text,
    newText: newWords(envelope),
    documents: envelope.documents.map(({ name, bytes, sha256, text }) => ({
      name,
      bytes,
      sha256,
      ...(text === undefined ? {} : { text })
    }))
  }
}

/** Of a mail that is attached nothing is guessed. */
function passedOnBy(kind: string, envelope: EnvelopeDraft): Pick<EvaluatedMail, 'passedOn'> {
  const { text, subject, evidence } = envelope
  const found =
    kind === 'message' && !('forwarded' in evidence) ? passedOnIn({ text, subject }) : undefined
  return found ? { passedOn: found.author ? { author: found.author.email } : {} } : {}
}

const bare: Readonly<Record<string, string>> = { txt: 'text/plain', html: 'text/html' }

function asMail(file: string, bytes: Uint8Array): Uint8Array {
  const type = bare[/\.(txt|html)$/i.exec(file)?.[1]?.toLowerCase() ?? '']
  if (type === undefined || hasHeader(bytes)) return bytes
  const header = `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`
  return Buffer.concat([Buffer.from(header), bytes])
}

/** Words may quote the header of an earlier mail, but begin as words. */
function hasHeader(bytes: Uint8Array): boolean {
  if (!/^([\w-]{2,60}:|From )/.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1')))
    return false
  const fields = messageFields(bytes)
  return ['from', 'received', 'return-path'].some((name) => fields.has(name)) && fields.size > 2
}

interface Share {
  readonly right: number
  readonly of: number
}

export interface EmailFigures {
  readonly files: number
  readonly kinds: Readonly<Record<string, number>>
  readonly refused: Readonly<Record<string, number>>
  /** Mails whose text is another one that was passed on, and those that name its author's address. */
  readonly passedOn: { readonly mails: number; readonly withAuthor: number }
  /** Mails whose kind is known. */
  readonly kindRight: Share & { readonly wrong: readonly string[] }
  /** Failures of which it is known whether they are hard. */
  readonly hardRight: Share
  /** Replies whose new words are known. */
  readonly newTextExact: Share
  /** Replies of which a new word was left out. */
  readonly newWordLost: number
}

export function figuresOf(
  read: readonly EvaluatedMail[],
  truth: (file: string) => MailTruth | undefined
): EmailFigures {
  const known = read.map((mail) => ({ mail, truth: truth(mail.file) ?? {} }))
  const ofKind = known.filter((one) => one.truth.kind !== undefined)
  const wrong = ofKind.filter((one) => one.mail.kind !== one.truth.kind)
  const failures = known.filter(
    ({ mail, truth: { lasting } }) => lasting !== undefined && mail.lasting !== undefined
  )
  const passedOn = read.flatMap((mail) => mail.passedOn ?? [])
  const replies = known.filter((one) => one.truth.newText !== undefined)
  return {
    files: read.length,
    kinds: counted(read.map(({ kind }) => kind)),
    refused: counted(read.flatMap(({ code }) => code ?? [])),
    passedOn: {
      mails: passedOn.length,
      withAuthor: passedOn.filter(({ author }) => author !== undefined).length
    },
    kindRight: {
      right: ofKind.length - wrong.length,
      of: ofKind.length,
      wrong: wrong.map(({ mail }) => mail.file)
    },
    hardRight: share(failures, (one) => one.truth.lasting!.includes(one.mail.lasting!)),
    newTextExact: share(replies, (one) => tidy(one.mail.newText) === tidy(one.truth.newText!)),
    newWordLost: replies.filter((one) => losesWord(one.truth.newText!, one.mail.newText)).length
  }
}

function share<T>(all: readonly T[], isRight: (one: T) => boolean): Share {
  return { right: all.filter(isRight).length, of: all.length }
}

function counted(values: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(values, (value) => value)
  return Object.fromEntries([...groups].map(([value, all]) => [value, all.length]))
}

function tidy(text: string): string {
  return text.replaceAll('\r', '').trim()
}

function losesWord(wanted: string, got: string): boolean {
  const kept = new Set(got.match(/\S+/g))
  return (wanted.match(/\S+/g) ?? []).some((word) => !kept.has(word))
}
