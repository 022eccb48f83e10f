/** What mail programs, telephones and gateways put below a message, in residents' languages. */

/** Longest ruler, in characters. */
const RULER = 500
/** Longest notice, in characters. */
const NOTICE = 5_000
/** Lines under "-- ", beyond which it is more than a signature. */
const SIGNATURE_LINES = 15

const device =
  /^[\s("<*_]*((sent|gesendet|verzonden|sendt|skickat|envoyé|enviado|inviato|verstuurd|verschickt|lähetetty|wysłano|odesláno|отправлено|надіслано)\s+(from|via|with|by|using|von|mit|vanaf|met|fra|från|depuis|de|desde|con|por|da|iphonesta|z|ze|с|из|з)(?!\p{L})[^,.!?]{1,60}([,.] *(please|sorry|excuse|pardon|perd[oó]n|disculp|entschuldig).{1,60})?|from my [\p{L}\d ]{2,30}|\p{L}+ from mobile|get \[?outlook for .{2,80}|(obtener|télécharger|holen sie sich|scarica|obter) .{0,10}outlook .{2,60}|enviat (des|amb) .{2,60}|von meinem (mobil|iphone|ipad|android|samsung|smartphone)\p{L}* .{0,40}gesendet|diese nachricht wurde von .{2,60} gesendet|scanned (from|with|by|using) .{1,60}|從我的 ?.{1,20} ?傳送|发自我的.{1,20}|iPhoneから送信|나의 iPhone에서 보냄)[\s)">*_.]*$/iu

const link = /\]?\(https?:[^)\s]*\)|<[^<>\s]*>|https?:\S+/g
/** A notice speaks of the message itself, and of whom it is for. */
const ofMessage =
  /(?<!\p{L})(this|these|the information (contained )?in this) (e-?mails?|messages?|communication|transmission|transmittal|documents?)|(este|esta) (correo|mensaje|e-?mail|comunicación|transmisión)|diese (e-?mail|nachricht)|cet? (e-?mail|message|courriel)|questo messaggio|questa e-?mail|dit (e-?mail)?bericht|deze e-?mail|esta mensagem|denne (e-?post|e-?mail|meddelelse)|detta (e-?post)?meddelande/iu
const forWhom =
  /(?<!\p{L})(confidential|privileged|intended recipients?|intended (only|solely) for|in error|received this by mistake|viruses|before printing|vertraulich|irrtümlich|confidencial|destinatario|por error|confidentiel|destinataire|par erreur|riservat[oe]|per errore|vertrouwelijk|abusievelijk|confidencia|destinatário|fortrolig|konfidentiel)(?!\p{L})/iu

/** A line that a telephone or program wrote. */
export function isDeviceLine(line: string): boolean {
  return line.length <= 200 && device.test(line.replace(link, ''))
}

/** A line of signs alone: a ruler, or the beginning of a signature. */
export function isRuler(line: string): boolean {
  return line.length <= RULER && /^\s*([-_=+~#*—–ᐧ.]\s?){2,}\s*$|^\s*[—–ᐧ]\s*$/.test(line)
}

/** "-- ", after which a signature stands (RFC 3676, 4.3), and what programs make of it. */
export function beginsSignature(line: string): boolean {
  return /^\s?(--|—|––)\s*$/.test(line)
}

/** True where these lines may be a signature: few, and none an earlier mail's. */
export function isSignature(lines: readonly string[]): boolean {
  const written = lines.filter((line) => line.trim() !== '')
  return written.length <= SIGNATURE_LINES && written.every((line) => line.length <= 300)
}

/** A paragraph by which an office warns whom it did not mean. */
export function isNotice(paragraph: string): boolean {
  return (
    paragraph.length >= 80 &&
    paragraph.length <= NOTICE &&
    ofMessage.test(paragraph) &&
    forWhom.test(paragraph)
  )
}
