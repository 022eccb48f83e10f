/** Whether a contact says something itself, or only brings documents. */
import type { EnvelopeDraft } from '../envelope.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { withoutImages } from '../../platform/text/marks.ts'

type Said = Pick<EnvelopeDraft, 'text' | 'subject' | 'category' | 'answers'> &
  Partial<Pick<EnvelopeDraft, 'documents'>>

/** True if a text or a subject says something, or a form's questions were answered. */
export function hasWords({ text, subject, category, answers, documents = [] }: Said): boolean {
  return (
    textSaysSomething(withoutTitles(text, documents)) ||
    saysSomething(subject ?? '') ||
    Boolean(category) ||
    Object.values(answers ?? {}).some((answer) => !isBlank(answer))
  )
}

/**
 * Removes the titles of attached mails, which stand above their words
 * (channels/email/forwarded.ts).
 */
function withoutTitles(text: string, documents: NonNullable<Said['documents']>): string {
  const titles = new Set(documents.map(({ name }) => `[${name}]`))
  return text
    .split('\n')
    .filter((line) => !titles.has(line.trim()))
    .join('\n')
}

/** Lines that telephones and mail programs put below every message, in residents' languages. */
const signature =
  /^[ \t]*(sent (from|via|with|using) |get outlook for |enviado (desde|con|por) |obtener outlook para |scanned (from|with|by|using) ).{1,60}$/gimu
/** Characters; a longer text is more than a signature. */
const SIGNATURE_LENGTH = 500

/**
 * True if a text is more than a telephone's signature, descriptions of images, marks and invisible
 * characters.
 */
export function hasOwnText(text: string): boolean {
  return (
    text.length > SIGNATURE_LENGTH ||
    /[\p{L}\p{N}\p{S}]/u.test(withoutImages(text).replace(signature, ''))
  )
}

/**
 * Judged like a subject: "Scan", "see attached" or a thumb above a file says only that there is a
 * file.
 */
function textSaysSomething(text: string): boolean {
  return text.length > SIGNATURE_LENGTH || saysSomething(withoutImages(text).replace(signature, ''))
}

/**
 * Reply and forward marks before a subject: re, aw (German), rv (Spanish), tr (French) and the
 * like.
 */
const marks =
  /^(\s*(re|fwd?|aw|wg|rv|res|ref|rif|tr|enc|vs|sv|antw|i|r)\s*(\[\d+\]|\(\d+\))?\s*:)+/i
const fileName =
  /\.(pdf|jpe?g|png|gif|tiff?|bmp|heic|docx?|xlsx?|pptx?|odt|rtf|txt|csv|zip|eml|msg|p7m|m4a|mp[34]|amr|wav|mov|ics|vcf|html?)\b/gi

/**
 * Words written by programs, scanners and cameras, and by people who write nothing of substance.
 */
const empty = new Set([
  'no',
  'subject',
  'none',
  'untitled',
  'blank',
  'empty',
  'message',
  'messages',
  'mail',
  'email',
  'e',
  'fax',
  'new',
  'text',
  'note',
  'scan',
  'scans',
  'scanned',
  'scanner',
  'document',
  'documents',
  'doc',
  'docs',
  'file',
  'files',
  'form',
  'image',
  'images',
  'img',
  'picture',
  'pictures',
  'pic',
  'photo',
  'photos',
  'screenshot',
  'video',
  'audio',
  'voice',
  'memo',
  'recording',
  'dsc',
  'dscn',
  'dscf',
  'pxl',
  'copy',
  'page',
  'pages',
  'letter',
  'attachment',
  'attachments',
  'attached',
  'attaching',
  'enclosed',
  'emailing',
  'sending',
  'sent',
  'from',
  'via',
  'with',
  'by',
  'to',
  'for',
  'of',
  'on',
  'my',
  'your',
  'the',
  'a',
  'an',
  'and',
  'is',
  'are',
  'here',
  'see',
  'please',
  'find',
  'iphone',
  'ipad',
  'android',
  'galaxy',
  'xerox',
  'this',
  'these',
  'it',
  'i',
  'am',
  'have',
  'has',
  'in',
  'below',
  'pls',
  'hi',
  'hello',
  'dear',
  'thank',
  'thanks',
  'you',
  'regards',
  'best',
  'kind',
  'greetings',
  'ok',
  'okay',
  'scanning',
  'sheet',
  'sheets',
  'paperwork',
  'annex',
  'enclosure',
  'canon',
  'epson',
  'hp',
  'ricoh',
  'konica',
  'minolta',
  'kyocera',
  'brother',
  'lexmark',
  'sharp',
  'toshiba',
  'workcentre',
  'laserjet',
  'officejet',
  'multifunction',
  'printer',
  'copier',
  'device',
  'camscanner',
  'adobe',
  'whatsapp',
  'at',
  'am',
  'pm',
  'sin',
  'asunto',
  'ninguno',
  'mensaje',
  'mensajes',
  'correo',
  'electrónico',
  'nuevo',
  'nueva',
  'escaneo',
  'escaneado',
  'escaneada',
  'escáner',
  'documento',
  'documentos',
  'archivo',
  'archivos',
  'imagen',
  'imágenes',
  'foto',
  'fotos',
  'captura',
  'pantalla',
  'formulario',
  'carta',
  'adjunto',
  'adjunta',
  'adjuntos',
  'adjuntas',
  'copia',
  'página',
  'páginas',
  'vea',
  'ver',
  'por',
  'favor',
  'de',
  'del',
  'desde',
  'mi',
  'el',
  'la',
  'los',
  'las',
  'un',
  'una',
  'con',
  'y',
  'en',
  'para',
  'video',
  'nota',
  'voz',
  'aquí',
  'aqui',
  'está',
  'esta',
  'este',
  'estos',
  'estas',
  'están',
  'lo',
  'le',
  'les',
  'se',
  'su',
  'que',
  'al',
  'pagina',
  'paginas',
  'imagenes',
  'electronico',
  'escaner',
  'envío',
  'envio',
  'enviado',
  'enviada',
  'adjuntado',
  'adjuntada',
  'anexo',
  'anexos',
  'anexa',
  'hoja',
  'hojas',
  'hola',
  'gracias',
  'saludo',
  'saludos',
  'estimado',
  'estimada',
  'estimados',
  'buenos',
  'buenas',
  'días',
  'dias',
  'tardes',
  'noches',
  'cordial',
  'cordiales',
  'atentamente',
  ...covering(`as discussed agreed promised requested per our conversation call phone talked spoke spoken mentioned said earlier
    above following further information info fyi asap sincerely respectfully truly yours wishes morning afternoon evening
    good day sir madam everyone all team we us me him was were can could will would be if any questions let know
    forward forwarding forwarded attaching hereby herewith herein reference regarding`),
  ...covering(`como acordamos acordado acordó hablamos hablado comentamos comentado quedamos solicitado solicité solicitó pedido
    pidió mando envío adjunto esto eso señor señora señores documentación documentacion información mandar enviar
    remito según conversación llamada teléfono conforme te os nos me buen día tarde usted ustedes`),
  ...covering(`anbei wie besprochen vereinbart gewünscht telefonisch anhang anhänge im der die das den dem ein eine ich wir ihnen
    ihr ihre sie mit freundlichen grüßen grüssen gruß viele liebe hallo guten tag sehr geehrte geehrter damen und herren
    danke vielen dank bitte siehe finden datei dateien dokument dokumente unterlagen schreiben bild sende schicke zur
    kenntnis hier zu von für auf beigefügt beiliegend gesendet meinem`),
  ...covering(`ci joint jointe joint comme convenu discuté voici veuillez trouver pièce pièces bonjour cordialement merci le les une je
    vous avec pour document segue anexo combinado obrigado obrigada bom dia olá em`)
])

/** Words that only introduce a file, which says everything itself. */
function covering(words: string): string[] {
  return words.split(/\s+/).filter(Boolean)
}

/**
 * Whether a subject or a short text says something of substance: not "(no subject)", "Fwd:", "Scan
 * 2", "IMG_2034.pdf".
 */
export function saysSomething(subject: string): boolean {
  const words =
    subject
      .slice(0, 1_000)
      .normalize('NFC')
      .replace(marks, '')
      .replace(fileName, ' ')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  return words.some((word) => !/\p{N}|^[a-z]$/u.test(word) && !empty.has(word))
}

/**
 * Why a contact waits for a person if it says nothing itself and no machine reads its documents
 * (sealed, a sound, an unknown kind). Undefined if it says something, or there is nothing to be
 * read.
 */
export function unreadDoubt(envelope: Said & Pick<EnvelopeDraft, 'documents'>): string | undefined {
  if (envelope.documents.length === 0)
    return isEmpty(envelope) ? 'it is empty: no words, and nothing came with them' : undefined
  if (hasWords(envelope)) return undefined
  const withheld = envelope.documents.find((document) => document.withheld !== undefined)?.withheld
  if (withheld) return withheld
  const kinds = [...new Set(envelope.documents.map(({ mediaType }) => mediaType))].slice(0, 5)
  return `it has no words of its own, and what came with it is not read by machine: ${kinds.join(', ')}`
}

/** True if there is no word, sign or answer, whatever invisible characters there are. */
function isEmpty({ text, subject, category, answers }: Said): boolean {
  return (
    isBlank(text) &&
    isBlank(subject ?? '') &&
    !category &&
    Object.values(answers ?? {}).every(isBlank)
  )
}
