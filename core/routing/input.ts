import type { EnvelopeDraft } from '../envelope.ts'

/**
 * All that routing may see. There is no sender here, no name, address or number, no register and no earlier case: who the
 * person is cannot decide where their contact goes (promise 3; test/promises/routing-is-blind.test.ts).
 */
export interface RoutingInput {
  /** Our own addresses, numbers or form it was sent to. */
  readonly recipients: readonly string[]
  readonly form?: string | undefined
  readonly answers: Readonly<Record<string, string>>
  /** The kind of report, where a 311 service or a form names one. */
  readonly service?: string | undefined
  readonly subject: string
  readonly text: string
}

/** Words beyond this are not looked at by rules, so that a huge text costs no more than a long letter. */
const TEXT_LIMIT = 50_000

/** The part of an envelope that routing may see. Quoted lines of an earlier mail say nothing about this one. */
export function routingInput(envelope: Pick<EnvelopeDraft, 'recipients' | 'answers' | 'category' | 'subject' | 'text' | 'channel'>): RoutingInput {
  return {
    recipients: envelope.recipients,
    form: envelope.channel === 'web' ? envelope.recipients[0] : undefined,
    answers: envelope.answers ?? {},
    service: envelope.category,
    subject: envelope.subject ?? '',
    text: envelope.text.slice(0, TEXT_LIMIT).split('\n').filter((line) => !line.startsWith('>')).join('\n')
  }
}
