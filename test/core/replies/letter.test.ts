import { expect, test } from '@jest/globals'
import { PDFParse } from 'pdf-parse'
import { loadAgency } from '../../../config/agency.ts'
import { checkLetter, letterPdf, type Letter } from '../../../core/replies/letter.ts'

const agency = await loadAgency('config')
const letter = (more: Partial<Letter> = {}): Letter => ({
  receipt: '3F7K2M-9QXA4T-B8WZ1C',
  department: 'streets',
  name: 'Rosa Delgado',
  address: '12 Alder Lane\nWillow Creek, IL 62001',
  language: 'en',
  text: 'We mend it on Thursday.',
  date: new Date('2026-11-30T12:00:00Z'),
  enclosed: [],
  ...more
})

/** The words of the printed letter, as a reader of the PDF finds them. */
async function printed(one: Letter): Promise<string> {
  const parser = new PDFParse({ data: await letterPdf(one, agency) })
  const { text } = await parser.getText()
  return text
}

test.each([
  ['Polish', 'Łukasz Żółć-Wiśniewski', 'Zażółć gęślą jaźń.'],
  ['Czech', 'Jiří Dvořák', 'Příliš žluťoučký kůň úpěl ďábelské ódy.'],
  ['Turkish', 'Ayşe Çağıroğlu', 'Iğdır’da şoför İsmail.'],
  ['Vietnamese', 'Nguyễn Thị Ánh', 'Chúng tôi sẽ sửa chữa đường vào thứ Năm, ừ.'],
  ['Ukrainian', 'Юлія Ґалаґан', 'Ми відремонтуємо її у четвер; їжак.'],
  ['Greek', 'Ελένη Παπαδοπούλου', 'Θα το φτιάξουμε την Πέμπτη· ΐ ΰ.'],
  ['Armenian', 'Անի Սարգսյան', 'Շնորհակալություն։'],
  ['letters put together from accents', 'Jose\u0301 Nu\u0303ez', 'a\u0302\u0301 n\u0303']
])('%s is printed as it is written', async (_language, name, text) => {
  const one = letter({ name, text, enclosed: [`${name}.pdf`] })
  await checkLetter(one, agency)
  const words = await printed(one)
  for (const part of [name, text, `${name}.pdf`]) expect(words).toContain(part.normalize('NFC'))
  expect(words).toContain('Streets and Sidewalks')
})

test.each([
  ['Arabic', { text: 'شكرا لكم' }, 'ش'],
  ['Hebrew', { name: 'רוזה' }, 'ר'],
  ['Chinese', { address: '橡树街 12 号\nWillow Creek' }, '橡'],
  ['Hindi', { text: 'धन्यवाद' }, 'ध'],
  ['Thai', { text: 'ขอบคุณ' }, 'ข'],
  ['the name of a file', { enclosed: ['地图.pdf'] }, '地']
])('%s is refused before it is sent, and the characters are named', async (_what, more, sign) => {
  const refusal = {
    code: 'REPLY_LETTER',
    message: expect.stringContaining('Send it another way')
  }
  await expect(checkLetter(letter(more), agency)).rejects.toMatchObject(refusal)
  await expect(letterPdf(letter(more), agency)).rejects.toMatchObject(refusal)
  await expect(checkLetter(letter(more), agency)).rejects.toThrow(sign)
})

test('what is not seen is left out, and kinds of spaces are one', async () => {
  const words = await printed(letter({ text: 'Kom\u00ADmt\u200B am\u00A03.\u2009Mai\u0007.' }))
  expect(words).toContain('Kommt am 3. Mai.')
})

test('a letter in Western letters stays small: it embeds no typeface', async () => {
  expect((await letterPdf(letter({ text: 'Señor Núñez, 30 €' }), agency)).length).toBeLessThan(
    8_000
  )
})

test('an address that does not fit the window is refused in either typeface', async () => {
  for (const letters of ['x', 'ł'])
    await expect(
      checkLetter(letter({ address: letters.repeat(120) }), agency)
    ).rejects.toMatchObject({ code: 'REPLY_WINDOW' })
})
