/** What a mail's writer says now is told apart, and decides; all of it stays. */
import { describe, expect, test } from '@jest/globals'
import { newWords } from '../../../core/envelope.ts'
import { readLimits } from '../../../channels/email/limits.ts'
import { stored, translated } from './support.ts'

const head =
  'From: Rosa <rosa@people.example>\nTo: hello@elm.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n'
const answer =
  'La farola de mi calle sigue apagada y los vecinos tenemos miedo de salir de casa por la noche.'
const history =
  'On Sat, Nov 28, 2026 at 10:00 Town <hello@elm.example> wrote:\n> Thank you for writing to the water department about your bill.\n> We will look at the meter and send you an answer.'
const read = async (text: string) =>
  (await translated(stored(Buffer.from((head + text).replaceAll('\n', '\r\n'))))).envelope

describe('the new words of a mail', () => {
  test('stand beside the whole text, and tell its language', async () => {
    const envelope = await read(`${answer}\n\n${history}`)
    expect(envelope).toMatchObject({ newText: answer, language: 'es' })
    expect(envelope.text).toContain('send you an answer')
  })

  test.each([
    ['is new from end to end', answer],
    ['has none, being passed on', `---------- Forwarded message ---------\n${history}`]
  ])('are not named where a mail %s', async (_, text) => {
    const envelope = await read(text)
    expect(envelope.newText).toBeUndefined()
    expect(newWords(envelope)).toBe(envelope.text)
  })

  test.each([
    '[cid:image001.png@01D9A5B2.8F3C0A10]',
    '[image001.png]',
    '[image: blue ball]',
    '[image: lamp.jpg]',
    '[Inline image 1]',
    '[Image]',
    '<IMG_0412.jpeg>'
  ])('do not hold what stands for a picture: %s', async (picture) => {
    const { newText, text } = await read(`${picture}\n${answer} ${picture}\n\n${picture}`)
    expect(newText).toBe(answer)
    expect(text).toContain(picture)
    expect((await read(`${picture}\n\n${history}`)).newText).toBe(picture)
  })

  test.each(['[see lamp.jpg]', '<https://people.example/lamp.png>', '[urgent]'])(
    'keep what the writer put in brackets: %s',
    async (words) => {
      expect((await read(`${answer} ${words}\n\n${history}`)).newText).toBe(`${answer} ${words}`)
    }
  )

  test('are told apart up to the bound of a text, and not beyond', async () => {
    const long = (length: number) => `${answer}\n\n${history}\n> `.padEnd(length, 'a')
    expect((await read(long(readLimits.partedLength))).newText).toBe(answer)
    expect((await read(long(readLimits.partedLength + 1))).newText).toBeUndefined()
  })

  test('leave out a mail that is attached, whose words stay in the text', async () => {
    const envelope = (
      await translated(
        stored(
          'From: a@people.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nThe lamp is out, see below.\n--b\nContent-Type: message/rfc822\n\nFrom: c@people.example\nSubject: meter\n\nThe water meter leaks.\n--b--\n'
        )
      )
    ).envelope
    expect(envelope.newText).toBe('The lamp is out, see below.')
    expect(envelope.text).toContain('The water meter leaks.')
  })
})
