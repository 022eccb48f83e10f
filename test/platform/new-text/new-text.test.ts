import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { partText } from '../../../platform/new-text/new-text.ts'
import { corpusTest, listCorpus, readCorpus } from '../../helpers/corpora.ts'

const town = 'Town of Willow Creek <hello@town.example>'

test.each([
  ['English', `On Nov 28, 2026 at 10:00, ${town} wrote:`],
  ['English, broken', `On Sat, Nov 28, 2026 at 10:00 Town\n<hello@town.example> wrote:`],
  ['English, the verb alone', 'On Sat, Nov 28, 2026 at 10:00 Town of Willow Creek\nwrote:'],
  ['without a day', `${town} wrote:`],
  ['an ISO date', `2026-11-28 10:00 GMT-06:00 ${town}:`],
  ['Spanish', `El sáb, 28 nov 2026 a las 10:00, ${town} escribió:`],
  ['German', `Am 28.11.2026 um 10:00 schrieb ${town}:`],
  ['French', `Le sam. 28 nov. 2026 à 10:00, ${town} a écrit :`],
  ['Italian', `Il giorno sab 28 nov 2026 alle ore 10:00 ${town} ha scritto:`],
  ['Portuguese', `Em sáb., 28 de nov. de 2026 às 10:00, ${town} escreveu:`],
  ['Dutch', `Op 28 nov 2026 om 10:00 heeft ${town} het volgende geschreven:`],
  ['Swedish', `Den 28 nov. 2026 kl. 10.00 skrev ${town}:`],
  ['Polish', `W dniu 28.11.2026 o 10:00, ${town} pisze:`],
  ['Czech', `Dne 28. 11. 2026 v 10:00 ${town} napsal(a):`],
  ['Finnish', `${town} kirjoitti 28.11.2026 kello 10.00:`],
  ['Russian', `28 ноября 2026 г., в 10:00, ${town} написал(а):`],
  ['Ukrainian', `сб, 28 лист. 2026 р. о 10:00 ${town} пише:`],
  ['Turkish', `${town}, 28 Kas 2026 Cmt, 10:00 tarihinde şunu yazdı:`],
  ['Vietnamese', `Vào 10:00 Th 7, 28 thg 11, 2026 ${town} đã viết:`],
  ['Chinese', `在 2026年11月28日 10:00，${town} 写道：`],
  ['Japanese', `2026年11月28日(土) 10:00 ${town}:`]
])('who wrote, in %s, parts the answer from quotes above and below it', (_name, line) => {
  const quotes = '> Which side of the street?\n>\n> Regards'
  expect(partText(`The left.\n\n${line}\n${quotes}`)).toEqual({
    newText: 'The left.',
    rest: `${line}\n${quotes}`
  })
  expect(partText(`${line}\n\n${quotes}\n\nThe left.\n`).newText).toBe('The left.')
})

test.each([
  ['English', 'From: Town <t@town.example>\nSent: Saturday\nTo: Rosa\nSubject: Re'],
  ['marked bold', '*From:* Town <t@town.example>\n*Sent:* Saturday\n*To:* Rosa\n*Subject:* Re'],
  ['Spanish', 'De: Town <t@town.example>\nEnviado: sábado\nPara: Rosa\nAsunto: Re'],
  ['German', 'Von: Town <t@town.example>\nGesendet: Samstag\nAn: Rosa\nBetreff: Re'],
  ['French', 'De : Town <t@town.example>\nEnvoyé : samedi\nÀ : Rosa\nObjet : Re'],
  ['Polish', 'Od: Town <t@town.example>\nWysłano: sobota\nDo: Rosa\nTemat: Re'],
  ['Chinese', '发件人: Town <t@town.example>\n发送时间: 2026\n收件人: Rosa\n主题: Re'],
  ['a broken line', 'From: Town\n <t@town.example>\nSent: Saturday\nTo: Rosa;\n Ann\nSubject: Re']
])('headers in %s begin an earlier mail, with or without a rule above', (_name, headers) => {
  for (const rule of ['', '________________________________\n', '-----Original Message-----\n'])
    expect(partText(`The left.\n\n${rule}${headers}\n\nWhich side?\nBye`).newText).toBe('The left.')
})

test.each([
  ['a signature', '-- \nRosa Diaz\n512 555 0143'],
  ['a telephone', 'Sent from my iPhone'],
  ['a telephone, in Spanish', 'Enviado desde mi Samsung Galaxy'],
  ['a program with its address', 'Get Outlook for iOS<https://aka.ms/o0ukef>'],
  ['a rule', '_____________________'],
  [
    'a notice',
    'This e-mail and any attachments are confidential and intended solely for the addressee.\nIf you are not the intended recipient, delete it.'
  ],
  [
    'a notice in Spanish',
    'Este mensaje y sus anexos son confidenciales y van dirigidos solo a su destinatario. Si lo recibió por error, bórrelo.'
  ],
  ['all of them', '-- \nRosa\n\nSent from my iPhone\n\n> Which side?\n>\n\n____\n']
])('%s below the words is not new', (_name, below) => {
  expect(partText(`Dear town,\n\nthe left.\n\nThanks,\nRosa\n\n${below}`).newText).toBe(
    'Dear town,\n\nthe left.\n\nThanks,\nRosa'
  )
})

test.each([
  ['quotes answered line by line', '> Which one?\nThe left.\n> When?\nOn Monday.'],
  ['a list that ends in a colon', 'I need these 2 things:\nsalt\nsand'],
  ['a table of facts', 'Street: Elm\nHouse: 12\nSize: big'],
  ['hours', 'Open on 3 days:\nFrom: 9 am\nTo: 5 pm\nCall me.'],
  ['an arrow within a line', 'a -> b\nand c > d'],
  ['a day and what was done', 'On this day\nI wrote something\n\nwhich nobody read.'],
  ['a sentence that begins like a telephone', 'Sent from my desk, which is broken, as you know.'],
  ['what a neighbour said', 'On Monday my neighbour said: the tree falls.\nIt fell.'],
  ['a rule between two parts', 'The bin.\n\n-----\n\nThe bench.'],
  ['a notice that is the matter', 'This letter of the clinic is confidential, they say.\nIs it?'],
  ['two dashes in a sentence', 'Please -- as I said -- come.']
])('%s is all new', (_name, text) => {
  expect(partText(text)).toEqual({ newText: text, rest: '' })
})

test('a mail that is passed on, or says nothing, has no new words', () => {
  for (const text of ['> Which one?\n> When?', '', ' \n\n', 'Sent from my iPhone'])
    expect(partText(text).newText).toBe('')
})

test('no word is lost, whatever is written and whatever history stands below', () => {
  const words = fc.array(fc.stringMatching(/^[a-záéñ¿¡?.,'"()0-9 ]{1,60}$/), { minLength: 1 })
  const history = fc.constantFrom('', `\n\nOn Nov 28, 2026 at 10:00, ${town} wrote:\n> Which side?`)
  fc.assert(
    fc.property(words, history, (lines, below) => {
      const written = lines.join('\n').trim()
      fc.pre(/[a-z]/.test(lines.at(-1)!) && !/\b(sent|enviado|get)\b/.test(written))
      expect(partText(written + below).newText.trim()).toBe(written)
    })
  )
})

test('texts made to be slow are parted', () => {
  const shapes = [
    ...['>', '-', 'a:', 'a@', 'x', ' '].map((one) => one.repeat(200_000)),
    ...['\n--\nx', 'On 1.1.2020 a wrote:\n> x\n', 'From: a@b\nTo: x\nSubject: y\n'].map((one) =>
      one.repeat(5_000)
    ),
    `${'this message is confidential '}${'x'.repeat(400)}\n\n`.repeat(3_000),
    `On 1.1.2020 ${'a '.repeat(120)}\n`.repeat(3_000)
  ]
  for (const text of shapes)
    for (const { newText, rest } of [partText(text), partText(`Help.\n${text}`)])
      expect(newText.length + rest.length).toBeLessThanOrEqual(text.length + 6)
})

const folder = 'email/replies/discourse-trimmer'

corpusTest([folder], 'answers are parted from their history as a person parted them', () => {
  const names = listCorpus(`${folder}/trimmed`, /[.]txt$/).map((file) => file.split('/').at(-1)!)
  const wanted = (name: string) =>
    readCorpus(`${folder}/trimmed/${name}`).replaceAll('\r', '').trim()
  const parted = names.map((name) => ({
    name,
    want: wanted(name),
    got: partText(readCorpus(`${folder}/emails/${name}`)).newText.trim()
  }))
  const exact = parted.filter(({ want, got }) => want === got).length
  process.stderr.write(`${folder}: ${exact} of ${names.length} exact\n`)
  expect(exact / names.length).toBeGreaterThanOrEqual(0.9)
  for (const { want, got } of parted) {
    const kept = new Set(got.split(/\s+/))
    expect(want.split(/\s+/).filter((word) => !kept.has(word))).toEqual([])
  }
  return names.length
})

corpusTest(['routing', 'duplicates'], 'letters and reports that quote nothing are all new', () => {
  const lines = ['duplicates', 'routing'].flatMap((room) =>
    listCorpus(room, /[.](csv|jsonl)$/).flatMap((file) => readCorpus(file).split('\n'))
  )
  const texts = lines.flatMap((line) => (line.startsWith('{') ? stringsOf(line) : [line]))
  expect(texts.map((text) => partText(text).rest).filter((rest) => rest !== '')).toEqual([])
  return texts.length
})

function stringsOf(line: string): string[] {
  return Object.values(JSON.parse(line) as object).filter((value) => typeof value === 'string')
}
