/** Characters of a text used to detect its language. More would add time and no certainty. */
const LANGUAGE_SAMPLE = 300

// With under 40 letters, n-gram statistics only guess. A script used by one language is certain
// after a few characters.
const LEAST_LETTERS = 40

/**
 * Its tables take 30 MB, so only a thread that translates loads them, and only while it lives. Kept,
 * as the loader takes a tenth of a detection to find it again.
 */
let detector: Promise<typeof import('eld/extrasmall')> | undefined

/**
 * The language of a text as a BCP 47 tag, or "und" if it cannot be told. Quoted lines, links and
 * addresses do not count.
 */
export async function languageOf(text: string): Promise<string> {
  const sample = text
    .slice(0, LANGUAGE_SAMPLE)
    .replace(/^>.*$/gm, ' ')
    .replace(/\S*[@/\\]\S*/g, ' ')
    .replace(/[\d\p{P}\p{S}]+/gu, ' ')
    .trim()
  const script = ownScript(sample)
  if (script) return script
  if (sample.length < LEAST_LETTERS) return 'und'
  const { eld } = await (detector ??= import('eld/extrasmall'))
  const found = eld.detect(sample)
  return found.isReliable() && found.language ? found.language : 'und'
}

function ownScript(sample: string): string | undefined {
  const start = sample.slice(0, 300)
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]{2}/u.test(start)) return 'ja'
  if (/\p{Script=Hangul}{2}/u.test(start)) return 'ko'
  return (start.match(/\p{Script=Han}/gu)?.length ?? 0) > start.length / 3 ? 'zh' : undefined
}
