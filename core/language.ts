/** Characters of the text a language is told from; more adds time and no certainty. */
const LANGUAGE_SAMPLE = 300

// Under 40 letters n-gram statistics guess; scripts of one language are certain from a few characters.
const LEAST_LETTERS = 40

/** The language of a text as a BCP 47 tag, "und" where it cannot be told. Quoted lines, links and addresses do not count. */
export async function languageOf(text: string): Promise<string> {
  const sample = text.slice(0, LANGUAGE_SAMPLE).replace(/^>.*$/gm, ' ').replace(/\S*[@/\\]\S*/g, ' ').replace(/[\d\p{P}\p{S}]+/gu, ' ').trim()
  const script = ownScript(sample)
  if (script) return script
  if (sample.length < LEAST_LETTERS) return 'und'
  // Its tables take 30 MB: only a thread that translates holds them, and only while it lives.
  const { eld } = await import('eld/extrasmall')
  const found = eld.detect(sample)
  return found.isReliable() && found.language ? found.language : 'und'
}

function ownScript(sample: string): string | undefined {
  const start = sample.slice(0, 300)
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]{2}/u.test(start)) return 'ja'
  if (/\p{Script=Hangul}{2}/u.test(start)) return 'ko'
  return (start.match(/\p{Script=Han}/gu)?.length ?? 0) > start.length / 3 ? 'zh' : undefined
}
