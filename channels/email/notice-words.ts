/** The words by which mail servers say that a message was not delivered, in many languages. */

/** Local parts of addresses that belong to a mail system, and to persons now and then. */
export const ofSystem =
  /^(mailer-?daemon|post_?master|mail(er)?[-_.]?(system|delivery)?|mdaemon|no-?reply|do-?not-?reply|mail-?admin)$/i

/** What a notice of this kind says in its text. */
export const returnWords = anyOf([
  'this is the (qmail-send|mail system|mailer-daemon|postfix|sendmail|exim)',
  'this is a permanent error',
  'this message was created automatically by mail delivery',
  'delivery (to the following|has failed|failed|failure|problem|error)',
  '(error|trouble|problems?) (was |while )?(delivering|sending) (your|a|the) (e-?)?mail',
  '(error|trouble|problems?) (was |while )?(delivering|sending) (your|a|the) message',
  'failed to deliver',
  'undeliver(able|ed)',
  'returned (mail|message|to sender)',
  'transcript of session',
  '(could|can|was|has) ?not (be|been)? ?delivered',
  'did not reach the following',
  'rejected by (a|the) remote mail server',
  'invalid final delivery',
  'unable to deliver',
  'user unknown',
  'unknown user',
  'no such user',
  'mailbox (is )?full',
  'the following address(es)? (had|failed)',
  'final delivery',
  'message log follows',
  'no (se pudo|se ha podido|pudo ser) entrega',
  'konnte(n)? nicht zugestellt',
  "n'a pas pu être (remis|délivré|distribué)",
  'não (pôde ser|foi) entregue',
  'non è stato possibile (recapitare|consegnare)',
  'kon niet worden (bezorgd|afgeleverd)',
  '送信できません',
  '送信に失敗',
  '配信できません',
  '配送できません',
  'お届けできません',
  '无法投递',
  '投递失败',
  '無法傳送'
])

/** The same as a subject. It never counts by itself. */
export const returnSubject = anyOf([
  '^\\s*undeliver(able|ed)',
  '^\\s*(returned|failed) mail',
  '^\\s*(mail )?(system error|delivery) ?-? ?(returned mail|failed|failure|error|notification|status|problem)',
  '^\\s*(mail|message) delivery (failed|failure|error)',
  '^\\s*failure notice',
  '^\\s*(error|problem) (was |while )?(delivering|sending)',
  'there was an error sending your mail',
  '^\\s*mail (could|can) ?not be delivered',
  '^\\s*mail system error',
  '^\\s*(no se pudo entregar|no entregado|unzustellbar|non remis|não entregue|mancato recapito|onbestelbaar)',
  'メールエラー',
  '配信できません',
  '送信できません',
  '配信不能',
  '退信',
  '无法投递'
])

/** A server's answer by RFC 5321 or its status by RFC 3463. */
export const serverAnswer =
  /(?<![\d.-])[45]\d\d[ -](\d\.\d{1,3}\.\d{1,3}|[A-Z<])|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])/i

/** What stands above the returned message. */
export const originalBelow =
  /original message follows|(headers of|below is a copy of|copy of) the (original )?message|^received: (from|by) .{1,200}$/im

function anyOf(patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join('|'), 'i')
}
