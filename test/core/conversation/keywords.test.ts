import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { keywordOf } from '../../../core/conversation/keywords.ts'

const stops = [
  'STOP',
  'StopAll',
  'unsubscribe',
  'CANCEL',
  'end',
  'quit',
  'Revoke',
  'OPTOUT',
  'opt-out'
]

test('a word alone counts in any dress', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...stops),
      fc.constantFrom('', ' ', '\n', '  '),
      fc.constantFrom('', '.', '!', '!!', ' .'),
      fc.constantFrom('', '"', '\u201c'),
      (word, space, end, quote) => {
        expect(keywordOf(`${space}${quote}${word}${end}${quote}${space}`)).toBe('stop')
      }
    )
  )
})

test('with any other word it is what a person writes about: never a keyword', () => {
  const word = fc
    .stringMatching(/^[a-z]{1,12}$/)
    .filter(
      (one) =>
        ![
          'all',
          'out',
          'please',
          'pls',
          'plz',
          'thanks',
          'now',
          'ya',
          'gracias',
          'texting',
          'texts',
          'messages',
          'me',
          ...stops.map((stop) => stop.toLowerCase())
        ].includes(one)
    )
  fc.assert(
    fc.property(
      fc.constantFrom(...stops, 'HELP', 'START', 'INFO'),
      word,
      fc.constantFrom(' ', '\n', ', ', '. '),
      fc.boolean(),
      (keyword, other, between, first) => {
        expect(
          keywordOf(first ? `${keyword}${between}${other}` : `${other}${between}${keyword}`)
        ).toBeUndefined()
      }
    )
  )
})

test.each([
  'Sto p',
  'st op.',
  'stop sending me these messages',
  'Please stop sending texts',
  "Don't send me any more messages",
  'No more texts, please',
  'Dejen de enviarme mensajes',
  'No me manden más mensajes por favor'
])('"%s" ends our texts', (text) => {
  expect(keywordOf(text)).toBe('stop')
})

test.each([
  'Stop it from flooding',
  'stop sending me these bills',
  'stop sending the truck',
  "Don't send me to court",
  'No more messages on the wall',
  'Dejen de enviarme facturas',
  'sto p sign'
])('"%s" is what a person writes about', (text) => {
  expect(keywordOf(text)).toBeUndefined()
})

test.each([
  ['Stop sign is down', undefined],
  ['', undefined],
  ['stop'.padEnd(120), 'stop'],
  ['stop'.padEnd(121), undefined],
  ['ＳＴＯＰ', 'stop'],
  ['help', 'help'],
  ['Unstop', 'start'],
  ['YES', undefined]
])('%j is %s', (text, keyword) => {
  expect(keywordOf(text)).toBe(keyword)
})

test.each([
  'STOP 🛑',
  '🛑 stop',
  '🛑STOP🛑',
  'Stop,',
  'stop;',
  'stop please',
  'Please stop',
  'please, stop!',
  'STOP NOW',
  'stop thanks',
  'stop. please.',
  'S\u200bTOP',
  '\ufeffSTOP\u200b',
  'STOP\u00a0',
  '\u202aSTOP\u202c',
  'st\u00adop',
  'stop\ufe0f',
  'STOP 👎🏽',
  'unsubscribe 🙏 please',
  'opt\u00a0out',
  'stop texting me',
  'UNSUBSCRIBE ME',
  'please unsubscribe me',
  'STOP STOP',
  'Stop! Stop! STOP!',
  'stop, stop',
  'S.T.O.P',
  'S.T.O.P.',
  's t o p',
  'S-T-O-P',
  'STOP\n\nSent from my iPhone',
  'Stop\nSent from my iPad.',
  'STOP Sent from my iPhone',
  'Unsubscribe\r\n\r\nSent from my T-Mobile 5G Device',
  'stop\n\nSent via the Samsung Galaxy S21 5G, an AT&T 5G smartphone',
  'Stop\n\nGet Outlook for iOS<https://aka.ms/o0ukef>',
  'STOP\n\nSent from Yahoo Mail on Android',
  'Alto\n\nEnviado desde mi iPhone',
  'STOP STOP\nSent from my Galaxy',
  'ALTO',
  'alto por favor',
  '¡Alto!',
  'PARAR',
  'Por favor parar',
  'pare',
  'detener',
  'cancelar',
  'Baja',
  'salir',
  'no más mensajes',
  'ARRÊT',
  'Arret'
])('%j ends our texts', (text) => expect(keywordOf(text)).toBe('stop'))

test.each([
  ['AYUDA', 'help'],
  ['Información', 'help'],
  ['help,', 'help'],
  ['iniciar', 'start'],
  ['START 👍', 'start']
])('%j is %s', (text, keyword) => expect(keywordOf(text)).toBe(keyword))

test.each([
  'Stop sign is down',
  'stop 🛑 sign is down',
  'please stop the noise at night',
  'Please cancel',
  'cancel please',
  'help 🔥',
  'please help',
  'help please',
  '🆘',
  'Alto el fuego en la calle 5',
  'pare en la esquina',
  'stop?',
  'Is the bus stop, please',
  '🛑',
  '',
  '\u200b',
  'stop it',
  'Stop it.',
  'stop stop it',
  'stop the stop',
  'help help',
  'H.E.L.P',
  'Sent from my iPhone',
  'Stop sign is down\n\nSent from my iPhone',
  'stop, sent from my window',
  'stop it\nSent from my iPhone',
  'cancel me',
  's t o p s',
  'the stop',
  'para',
  'end please',
  `stop${' '.repeat(120)}`
])('%j is a message', (text) => expect(keywordOf(text)).toBeUndefined())
