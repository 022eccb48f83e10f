/** Reactions as telephones write them, and messages that only look like one. */
import { expect, test } from '@jest/globals'
import { reactionOf } from '../../../core/conversation/reactions.ts'
import { asItLooks, isBlank } from '../../../platform/text/visible.ts'

const words = 'The swing in the park is broken'

test.each([
  'Liked “W”',
  'Loved “W”',
  'Disliked “W”',
  'Laughed at “W”',
  'Emphasized “W”',
  'Emphasised “W”',
  'Questioned “W”',
  'liked “W”',
  'Liked "W"',
  "Liked 'W'",
  'Liked: “W”',
  'Liked « W »',
  'Liked “W”\n',
  'Liked “W” …',
  'Liked\u00a0“W”',
  'Removed a like from “W”',
  'Removed a heart from “W”',
  'Removed an exclamation mark from “W”',
  'Removed a question mark from “W”',
  'Reacted 👍 to “W”',
  'Reacted with ❤️ to “W”',
  'Reacted 👍🏽 to "W"',
  'Removed 👍 from “W”',
  'Removed a 😂 reaction from “W”',
  '\u200a\u200b👍\u200b to “\u200aW\u200a”',
  '👍 to “W”',
  '😮 to "W"',
  '🇺🇸 to “W”',
  '👨‍👩‍👧 to “W”',
  'Le gustó “W”',
  'Me gusta “W”',
  'No me gusta “W”',
  'Le encantó “W”',
  'Me encantó “W”',
  'Le dio risa “W”',
  'Se rió de “W”',
  'Enfatizó “W”',
  'Cuestionó “W”',
  'Exclamó en “W”',
  'Preguntó por “W”',
  'A Rosa le gusta “W”',
  'A Rosa Díaz no le gustó "W"',
  'A María le encanta “W”',
  'Te gustó “W”',
  'Te gusta “W”',
  'No te gustó “W”',
  'Te encantó “W”',
  'Te dio risa “W”',
  'Te reíste de “W”',
  'Enfatizaste “W”',
  'Cuestionaste “W”',
  'Quitaste un me gusta de “W”',
  'Reaccionó con 👍 a “W”',
  '👍 a “W”',
  'Quitó un me gusta de “W”',
  'Eliminó una risa de “W”'
])('%j is a reaction to what it quotes', (text) =>
  expect(reactionOf(text.replace('W', words))).toEqual({ quoted: words })
)

test.each([
  ['Liked “The swing in the pa…”', 'The swing in the pa'],
  ['Liked “The swing in the pa...', 'The swing in the pa'],
  ['Le gustó “The swing…', 'The swing'],
  ['Loved “He said “no” to me”', 'He said “no” to me'],
  ['Liked “first line\nsecond”', 'first line second'],
  ['Liked ‘don’t do it’', 'don’t do it'],
  ['Liked “”', '']
])('%j is one to %j', (text, quoted) => expect(reactionOf(text)).toEqual({ quoted }))

test.each([
  'Liked an image',
  'Loved a movie',
  'Emphasized an attachment',
  'Liked an audio message',
  'Removed a like from an image',
  'Reacted 👍 to a photo',
  'Le gustó una imagen',
  'Me encantó un video',
  'A Rosa le gusta una foto',
  '👍 to an image'
])('%j is one to something without words', (text) =>
  expect(reactionOf(text)).toEqual({ quoted: '' })
)

test.each([
  'Liked the new park, but the swing is broken',
  'Liked “the park” but the swing is broken',
  'Liked “the park” and hate “the trash”',
  'Liked "the park" and "the pool"',
  'Liked “the park”, please build more!',
  'Loved the fireworks',
  'Liked',
  'Liked “the park',
  'Questioned by police without reason',
  'I liked “the park”',
  'Liked an image of the mayor on your page and have a question',
  'Me gusta el parque',
  'Te gustó “el parque” pero falta luz',
  'Te gustó el parque',
  'Me gusta “el parque” pero falta luz',
  'A Rosa le gusta el parque',
  'Se rió de mí el conductor',
  '👍',
  '👍 to all of you',
  '5 to “nine”',
  'Removed a tree from “my” yard',
  'Removed a sign from an image',
  '“The swing”',
  '',
  '\u200b',
  'Laughed at'
])('%j is a message', (text) => expect(reactionOf(text)).toBeUndefined())

test('however long, a text is looked at in one go', () => {
  for (const text of [
    `Liked ${'“'.repeat(20_000)}`,
    `Liked “${'”'.repeat(20_000)}`,
    `A ${'a '.repeat(10_000)}le gusta “x”`,
    `Removed ${'a '.repeat(10_000)}`,
    `${'👍'.repeat(10_000)} to “x”`,
    `Liked “${'...'.repeat(7_000)}`
  ]) {
    expect(typeof reactionOf(text)).toMatch(/undefined|object/)
  }
})

test('what nobody sees is nothing', () => {
  for (const text of [
    '',
    ' \n\t',
    '\u200b\u200c\u200d\ufeff',
    '\u00a0\u2003\u3000',
    '\u00ad\u2060\u180e',
    '\u3164\u115f\uffa0',
    '\u2800',
    '\u202e\u2066',
    '\u{e0061}',
    '\0'
  ])
    expect([text, isBlank(text)]).toEqual([text, true])
  for (const text of ['.', '\u200b1', '👍', '水', '\u0301a', '?'])
    expect([text, isBlank(text)]).toEqual([text, false])
  expect(asItLooks(' a\u200b\u00a0\u00a0b\n')).toBe('a b')
})
