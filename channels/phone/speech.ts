/**
 * What callers hear, as TwiML made with Twilio's own builder. URLs are relative to the one of the
 * call.
 */
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'
import type { Agency } from '../../config/agency.ts'
import { plainPhone } from '../../config/phone-schema.ts'
import { inLanguage, translate, type Translate } from '../../platform/pages/language.ts'
import { queryOf, type Choice } from './choice.ts'

export const BASE = '/hooks/phone/twilio'
/** Seconds to press a key before the call goes on by itself. */
const KEY_SECONDS = 5

type Speaker = Pick<VoiceResponse, 'say'> | { say: ReturnType<VoiceResponse['gather']>['say'] }

export class Speech {
  readonly response = new VoiceResponse()
  readonly #agency: Agency
  readonly #choice: Choice
  readonly t: Translate

  constructor(agency: Agency, choice: Choice) {
    this.#agency = agency
    this.#choice = choice
    this.t = translate(agency.locales, choice.language)
  }

  /** Greeting, languages, menu. If no key is pressed, the call goes on to the recording. */
  greet(): this {
    const { phone = plainPhone, departments, locales } = this.#agency
    const { language } = this.#choice
    const gather = this.response.gather({
      action: `${BASE}/menu?${queryOf(this.#choice)}`,
      numDigits: 1,
      timeout: KEY_SECONDS
    })
    this.#say(
      gather,
      this.t('phone.greeting', {
        agency: inLanguage(
          departments.agency.name,
          language,
          departments.agency.languages[0] ?? 'en'
        )
      })
    )
    for (const [other, key] of Object.entries(phone.languages))
      if (other !== language)
        this.#say(gather, translate(locales, other)('phone.language', { key }), other)
    for (const { key, say } of phone.menu)
      this.#say(
        gather,
        this.t('phone.menu', {
          key,
          topic: inLanguage(say, language, departments.agency.languages[0] ?? 'en')
        })
      )
    return this.record()
  }

  /**
   * Asks for the message. A silent caller is asked once more; then the call is recorded as silent.
   */
  record(): this {
    const { phone = plainPhone } = this.#agency
    const query = queryOf(this.#choice)
    for (const sentence of ['phone.record', 'phone.again']) {
      this.#say(this.response, this.t(sentence))
      this.response.record({
        action: `${BASE}/recorded?${query}`,
        maxLength: phone.maxSeconds,
        timeout: phone.silenceSeconds,
        finishOnKey: '#',
        playBeep: true,
        trim: 'do-not-trim',
        recordingStatusCallback: `${BASE}/recording?${query}`,
        recordingStatusCallbackEvent: ['completed', 'absent'],
        // Twilio transcribes English only.
        ...(phone.transcribe && this.#choice.language.startsWith('en')
          ? { transcribe: true, transcribeCallback: `${BASE}/transcription` }
          : {})
      })
    }
    this.response.redirect(`${BASE}/silent?${query}`)
    return this
  }

  /**
   * Reads the receipt letter by letter, twice: plainly, then with words for the letters. Then says
   * which keys can be pressed.
   */
  receipt(receipt: string, recordingId: string, mayText: boolean): this {
    const gather = this.response.gather({
      action: `${BASE}/receipt?${queryOf(this.#choice)}&r=${recordingId}`,
      numDigits: 1,
      timeout: 2 * KEY_SECONDS
    })
    this.#say(gather, this.t('phone.thanks'))
    const groups = receipt.split('-')
    for (const group of groups)
      this.#spell(gather, [...group].map((letter) => `${letter}.`).join(' '))
    this.#say(gather, this.t('phone.repeat'))
    for (const group of groups)
      this.#spell(gather, [...group].map((letter) => this.#named(letter)).join(' '))
    this.#say(gather, this.t(mayText ? 'phone.keys' : 'phone.keysNoText'))
    return this.say('phone.goodbye')
  }

  say(key: string): this {
    this.#say(this.response, this.t(key))
    return this
  }

  #spell(gather: ReturnType<VoiceResponse['gather']>, text: string): void {
    this.#say(gather, text)
    gather.pause({ length: 1 })
  }

  /** "B, Bravo." Digits are read unchanged. */
  #named(letter: string): string {
    const word = this.t('phone.alphabet')
      .split(' ')
      .find((one) => one.normalize('NFD').startsWith(letter))
    return word && /[A-Z]/.test(letter)
      ? `${this.t('phone.letter', { letter, word })}`
      : `${letter}.`
  }

  #say(speaker: Speaker, text: string, language = this.#choice.language): void {
    const voice = (this.#agency.phone ?? plainPhone).voices[language]
    speaker.say(
      {
        language: voice?.language ?? language,
        ...(voice?.voice ? { voice: voice.voice } : {})
      } as Parameters<VoiceResponse['say']>[0] & object,
      text
    )
  }
}
