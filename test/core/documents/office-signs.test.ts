import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import { docx, odf, para, relations, run, xlsx } from './office-fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(1)
})
afterAll(() => pool.close())

async function read(bytes: Uint8Array): Promise<{ text: string; reason: string | undefined }> {
  const { reason, pages } = await readDocument(bytes, {}, pool)
  return { text: pages[0]!.text, reason }
}
const sign = (font: string, code: string) => `<w:r><w:sym w:font="${font}" w:char="${code}"/></w:r>`
const inFont = (font: string, text: string) =>
  run(text, `<w:rFonts w:ascii="${font}" w:hAnsi="${font}"/>`)
const cell = (content: string) => `<w:tc>${para(content)}</w:tc>`
const row = (...cells: string[]) => `<w:tr>${cells.map(cell).join('')}</w:tr>`
const M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
const math = (content: string) => `<m:oMath ${M}>${content}</m:oMath>`
const t = (text: string) => `<m:r><m:t>${text}</m:t></m:r>`

describe('signs that a Word document takes from a font of signs', () => {
  test('are their characters, whether put in as signs or written in that font', async () => {
    const { text, reason } = await read(
      docx(
        [
          para(
            `${run('Noise ')}${sign('Symbol', 'F0A3')}${run(' 40, ')}${sign('Symbol', 'F0B1')}${run('3, ')}${sign('Symbol', 'F02D')}${run('5')}${sign('Symbol', 'F0B0')}`
          ),
          para(
            `${inFont('Wingdings', 'þ')}${run(' keep ')}${inFont('Wingdings', '¨')}${run(' cut')}`
          ),
          para(`${inFont('Symbol', 'a')}${run(' and ')}${inFont('Wingdings', '\uf04a')}`)
        ].join('')
      )
    )
    expect([text, reason]).toEqual(['Noise ≤ 40, ±3, −5°\n[x] keep [ ] cut\nα and ☺', undefined])
  })

  test('and are in no table are said to be not read', async () => {
    const { text, reason } = await read(
      docx(para(`${run('My choice: ')}${sign('Wingdings 3', 'F070')}${sign('Fancy', '0041')}`))
    )
    expect(text).toBe('My choice: [sign][sign]')
    expect(reason).toMatch(/signs of a font of pictures that could not be told/)
  })

  test('say in a table which column they stand in', async () => {
    const tick = sign('Wingdings', 'F0FC')
    const { text } = await read(
      docx(
        `<w:tbl>${row(run('Question'), run('Yes'), run('No'))}${row(run('I agree'), '', tick)}${row(run('I live there'), run('x'), '')}</w:tbl>`
      )
    )
    expect(text).toBe('Question Yes No\nI agree No: ✔\nI live there Yes: x')
  })
})

describe('a formula of a Word document', () => {
  test.each([
    [`${t('3')}<m:f><m:num>${t('1')}</m:num><m:den>${t('2')}</m:den></m:f>`, '3(1/2)'],
    [`<m:f><m:num>${t('a+b')}</m:num><m:den>${t('2')}</m:den></m:f>`, '((a+b)/2)'],
    [`<m:rad><m:radPr><m:degHide/></m:radPr><m:deg/><m:e>${t('9')}</m:e></m:rad>`, '√(9)'],
    [`<m:rad><m:deg>${t('3')}</m:deg><m:e>${t('8')}</m:e></m:rad>`, '3√(8)'],
    [`<m:sSub><m:e>${t('x')}</m:e><m:sub>${t('1')}</m:sub></m:sSub>`, 'x_1'],
    [`<m:sSup><m:e>${t('10')}</m:e><m:sup>${t('−3')}</m:sup></m:sSup>`, '10^(−3)'],
    [
      `<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>${t('i=1')}</m:sub><m:sup>${t('n')}</m:sup><m:e>${t('i')}</m:e></m:nary>`,
      '∑_(i=1)^n i'
    ],
    [`<m:d><m:e>${t('a')}</m:e><m:e>${t('b')}</m:e></m:d>`, '(a|b)'],
    [
      `<m:borderBox><m:borderBoxPr><m:strikeH/></m:borderBoxPr><m:e>${t('5')}</m:e></m:borderBox>`,
      '~~5~~'
    ]
  ])('%s', async (content, line) => {
    const { text } = await read(docx(para(`${run('So ')}${math(content)}${run(' it is')}`)))
    expect(text).toBe(`So ${line} it is`)
  })
})

describe('what a Word document says by its look', () => {
  test('words laid over with colour or framed are marked, lowered figures are lowered', async () => {
    const { text } = await read(
      docx(
        [
          para(`${run('Keep / ')}${run('cut', '<w:highlight w:val="yellow"/>')}${run(' it')}`),
          para(`${run('yes ')}${run('no', '<w:bdr w:val="single"/>')}`),
          para(`${run('plain', '<w:highlight w:val="none"/>')}`),
          para(`${run('CO')}${run('2', '<w:vertAlign w:val="subscript"/>')}`)
        ].join('')
      )
    )
    expect(text).toBe('Keep / [marked: cut] it\nyes [marked: no]\nplain\nCO_2')
  })

  test('the numbers of its lists stand before their paragraphs', async () => {
    const level = (n: number, format: string, text: string, start = 1) =>
      `<w:lvl w:ilvl="${n}"><w:start w:val="${start}"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`
    const numbering = `<w:abstractNum w:abstractNumId="7">${level(0, 'decimal', '%1.', 3)}${level(1, 'lowerLetter', '%1.%2)')}</w:abstractNum><w:abstractNum w:abstractNumId="8">${level(0, 'bullet', '')}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`
    const styles =
      '<w:style w:styleId="Point"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    const item = (text: string, list: number, at = 0) =>
      para(
        `<w:pPr><w:numPr><w:ilvl w:val="${at}"/><w:numId w:val="${list}"/></w:numPr></w:pPr>${run(text)}`
      )
    const { text } = await read(
      docx(
        [
          item('first', 1),
          item('detail', 1, 1),
          item('detail', 1, 1),
          para(`<w:pPr><w:pStyle w:val="Point"/></w:pPr>${run('second')}`),
          item('', 1),
          item('a bullet', 2),
          item('anew', 3),
          para(run('no list'))
        ].join(''),
        { others: { numbering, styles } }
      )
    )
    expect(text).toBe('3. first\n3.a) detail\n3.b) detail\n4. second\na bullet\n1. anew\nno list')
  })
})

describe('numbers of lists in Word', () => {
  const level = (n: number, format: string, text: string, more = '', start = 1) =>
    `<w:lvl w:ilvl="${n}"><w:start w:val="${start}"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/>${more}</w:lvl>`
  const kind = (id: number, levels: string) =>
    `<w:abstractNum w:abstractNumId="${id}">${levels}</w:abstractNum>`
  const list = (id: number, of: number, own = '') =>
    `<w:num w:numId="${id}"><w:abstractNumId w:val="${of}"/>${own}</w:num>`
  const item = (id: number, at = 0, text = 'x') =>
    para(
      `<w:pPr><w:numPr><w:ilvl w:val="${at}"/><w:numId w:val="${id}"/></w:numPr></w:pPr>${text && run(text)}`
    )
  const styled = (style: string) => para(`<w:pPr><w:pStyle w:val="${style}"/></w:pPr>${run('x')}`)
  const legal = kind(
    1,
    level(0, 'upperRoman', 'Article %1.') +
      level(1, 'decimalZero', 'Section %1.%2', '<w:isLgl/>') +
      level(2, 'lowerLetter', '(%3)', '<w:lvlRestart w:val="0"/>')
  )
  const plain = kind(2, level(0, 'decimal', '%1.') + level(1, 'lowerRoman', '%2)'))
  const anew = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
  const other = `<w:lvlOverride w:ilvl="0">${level(0, 'ordinal', '%1')}</w:lvlOverride>`

  test.each([
    [
      'legal ones, and levels that never begin anew',
      legal + list(1, 1),
      [item(1), item(1, 1), item(1, 2), item(1), item(1, 2), item(1, 1)],
      'Article I.|Section 1.1|(a)|Article II.|(b)|Section 2.2'
    ],
    [
      'deeper levels begin anew',
      plain + list(1, 2),
      [item(1), item(1, 1), item(1, 1), item(1), item(1, 1)],
      '1.|i)|ii)|2.|i)'
    ],
    [
      'one that begins anew does so once, and the others of its kind count on',
      plain + list(1, 2) + list(3, 2, anew),
      [item(1), item(3), item(3), item(1), item(3)],
      '1.|7.|8.|9.|10.'
    ],
    [
      'a list may have a level of its own',
      plain + list(1, 2) + list(3, 2, other),
      [item(1), item(3), item(1)],
      '1.|2nd|3.'
    ],
    ['empty paragraphs count', plain + list(1, 2), [item(1), item(1, 0, ''), item(1)], '1.|3.'],
    [
      'a kind may be named by a style',
      kind(4, '<w:numStyleLink w:val="S"/>') +
        kind(5, `<w:styleLink w:val="S"/>${level(0, 'upperLetter', '%1)')}`) +
        list(1, 4),
      [item(1), item(1)],
      'A)|B)'
    ],
    [
      'a style is of the level that names it',
      kind(
        6,
        level(0, 'decimal', '%1', '<w:pStyle w:val="H1"/>') +
          level(1, 'decimal', '%1.%2', '<w:pStyle w:val="H2"/>')
      ) + list(1, 6),
      [styled('H1'), styled('H2'), styled('H2'), styled('H1')],
      '1|1.1|1.2|2'
    ]
  ])('%s', async (_, numbering, paragraphs, expected) => {
    const styles = ['H1', 'H2']
      .map(
        (id) =>
          `<w:style w:styleId="${id}"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>`
      )
      .join('')
    const { text } = await read(docx(paragraphs.join(''), { others: { numbering, styles } }))
    expect(text.replaceAll(' x', '').split('\n').filter(Boolean).join('|')).toBe(expected)
  })
})

describe('values that OpenDocument keeps beside the text', () => {
  test('of cells without text are read', async () => {
    const value = (attributes: string) => `<table:table-cell ${attributes}/>`
    const { text } = await read(
      odf(
        'spreadsheet',
        `<table:table table:name="T"><table:table-row>${[
          'office:value-type="string" office:string-value="Ann Reed"',
          'office:value-type="boolean" office:boolean-value="true"',
          'office:value-type="time" office:time-value="PT09H30M00S"'
        ]
          .map(value)
          .join('')}</table:table-row></table:table>`
      )
    )
    expect(text).toBe('Sheet: T\nAnn Reed\tTRUE\t09:30:00')
  })

  test('of controls for dates, times and lists are read', async () => {
    const { text } = await read(
      odf(
        'text',
        '<office:forms><form:form><form:date form:name="Move" form:current-value="2026-12-24"/><form:time form:name="At" form:current-value="09:30:00"/><form:listbox form:name="Tree"><form:option form:label="Keep"/><form:option form:label="Cut" form:current-selected="true"/></form:listbox></form:form></office:forms><text:p>Form</text:p>'
      )
    )
    expect(text).toBe('Move: 2026-12-24\nAt: 09:30:00\nTree: Cut\nForm')
  })

  test('of slides in their declared footers are read once', async () => {
    const { text } = await read(
      odf(
        'presentation',
        '<presentation:footer-decl presentation:name="f">Not for Oak Street</presentation:footer-decl><draw:page><draw:frame><draw:text-box><text:p>A slide</text:p></draw:text-box></draw:frame></draw:page>'
      )
    )
    expect(text).toBe('Not for Oak Street\n\nSlide 1\nA slide')
  })

  test('of formulas are read in one line', async () => {
    const { text } = await read(
      odf('text', '<text:p>The area is</text:p>', {
        extra: {
          'Object 1/content.xml':
            '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>A</mi><mo>=</mo><mfrac><mn>7</mn><mn>2</mn></mfrac><msup><mi>b</mi><mn>2</mn></msup><msqrt><mn>9</mn></msqrt></mrow><annotation>A = {7} over {2}</annotation></semantics></math>'
        }
      })
    )
    expect(text).toBe('The area is\n\nA=(7/2)b^2√(9)')
  })
})

describe('boxes that Excel keeps in the drawing of a sheet', () => {
  const drawing = (caption: string, kind = 'Checkbox', checked = '<x:Checked>1</x:Checked>') =>
    `<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape><v:textbox><div>${caption}</div></v:textbox><x:ClientData ObjectType="${kind}">${checked}</x:ClientData></v:shape></xml>`
  const book = (vml: string) =>
    xlsx(
      [
        {
          name: 'Form',
          rows: '<row r="1"><c r="A1" t="inlineStr"><is><t>Fence</t></is></c></row>'
        }
      ],
      {
        extra: {
          'xl/worksheets/_rels/sheet1.xml.rels': relations([
            ['rId1', 'vmlDrawing', '../drawings/vmlDrawing1.vml']
          ]),
          'xl/drawings/vmlDrawing1.vml': vml
        },
        types: {
          'xl/drawings/vmlDrawing1.vml': 'application/vnd.openxmlformats-officedocument.vmlDrawing'
        }
      }
    )

  test.each([
    ['ticked', drawing('I withdraw'), 'Sheet: Form\nFence\n[x] I withdraw', undefined],
    [
      'not ticked',
      drawing('I withdraw', 'Checkbox', ''),
      'Sheet: Form\nFence\n[ ] I withdraw',
      undefined
    ],
    ['a note is none', drawing('a note', 'Note', ''), 'Sheet: Form\nFence', undefined],
    [
      'a list is said',
      drawing('', 'Drop', ''),
      'Sheet: Form\nFence',
      'It has form controls whose values are not read.'
    ],
    [
      'written as loosely as HTML, are said',
      drawing('two<br>lines'),
      'Sheet: Form\nFence',
      'It has form controls whose values are not read.'
    ]
  ])('%s', async (_, vml, text, reason) => {
    expect(await read(book(vml))).toEqual({ text, reason })
  })
})
