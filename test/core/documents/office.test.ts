import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { limits } from '../../../core/documents/limits.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import type { ReadOptions } from '../../../core/documents/types.ts'
import { letterPng } from './fixtures.ts'
import {
  docx,
  drawingNamespaces as namespaces,
  odf,
  para,
  pptx,
  relations,
  run,
  shape,
  xlsx
} from './office-fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(2)
})
afterAll(() => pool.close())

const read = (bytes: Uint8Array, options: ReadOptions = {}) => readDocument(bytes, options, pool)

async function textOf(bytes: Uint8Array): Promise<string> {
  const { outcome, reason, pages } = await read(bytes)
  expect([outcome, reason]).toEqual(['read', undefined])
  return pages[0]!.text
}

describe('a Word document', () => {
  test('is read with headers, footers, notes, comments and text boxes, each once', async () => {
    const box = (content: string) =>
      `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><w:txbxContent>${content}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>${content}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>`
    const text = await textOf(
      docx(
        `${para(`${run('The culvert')}<w:r><w:footnoteReference w:id="2"/></w:r>${run(' is blocked.')}`)}${para(box(para(run('Urgent, says the box'))))}`,
        {
          others: {
            header1: para(run('Mill Lane Residents')),
            header2: para(run('Mill Lane Residents')),
            footer1: para(run('Reply to 9 Mill Lane')),
            footnotes: `<w:footnote w:type="separator" w:id="0">${para('<w:r><w:separator/></w:r>')}</w:footnote><w:footnote w:id="2">${para(run('Since the storm of May.'))}</w:footnote>`,
            endnotes: `<w:endnote w:id="3">${para(run('See our letter of June.'))}</w:endnote>`,
            comments: `<w:comment w:id="1" w:author="Rosa">${para(run('Ask for the permit too'))}</w:comment>`
          }
        }
      )
    )
    expect(text).toBe(
      'Mill Lane Residents\n\nThe culvert[2] is blocked.\nUrgent, says the box\n\nReply to 9 Mill Lane\n\nFootnote [2]: Since the storm of May.\n\nEndnote [3]: See our letter of June.\n\nComment (Rosa): Ask for the permit too'
    )
  })

  test('says what is struck out, by itself or by a style, deleted or raised, and leaves out what moved', async () => {
    const styles =
      '<w:style w:styleId="Gone"><w:rPr><w:strike/></w:rPr></w:style><w:style w:styleId="Child"><w:basedOn w:val="Gone"/></w:style>'
    const text = await textOf(
      docx(
        [
          para(
            `${run('I do ')}${run('no', '<w:strike/>')}${run('t', '<w:strike w:val="true"/>')}${run(' agree', '<w:strike w:val="0"/>')}`
          ),
          para(`${run('We want ')}${run('nothing', '<w:rStyle w:val="Child"/>')}`),
          para(
            `${run('Pay ')}<w:del w:author="A"><w:r><w:delText>500</w:delText></w:r></w:del><w:ins w:author="A">${run('700')}</w:ins>`
          ),
          para(`${run('Area 10')}${run('3', '<w:vertAlign w:val="superscript"/>')}`),
          `<w:p><w:moveFrom>${run('moved')}</w:moveFrom></w:p>`,
          `<w:p><w:moveTo>${run('moved')}</w:moveTo></w:p>`,
          para(run('kept', '<w:rPrChange><w:rPr><w:strike/></w:rPr></w:rPrChange>'))
        ].join(''),
        { others: { styles } }
      )
    )
    expect(text).toBe(
      'I do ~~not~~ agree\nWe want ~~nothing~~\nPay ~~500~~700\nArea 10^3\nmoved\nkept'
    )
  })

  test('has the values of controls and form fields, and no placeholders', async () => {
    const control = (properties: string, shown: string) =>
      `<w:sdt><w:sdtPr>${properties}</w:sdtPr><w:sdtContent>${shown}</w:sdtContent></w:sdt>`
    const box = (on: number) =>
      control(
        `<w14:checkbox><w14:checked w14:val="${on}"/><w14:checkedState w14:val="2612"/></w14:checkbox>`,
        run(on ? '☒' : '☐')
      )
    const field = (data: string) =>
      `<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="F"/>${data}</w:ffData></w:fldChar></w:r><w:r><w:instrText> FORM </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`
    const text = await textOf(
      docx(
        [
          para(`${box(1)}${run(' with music')}`),
          para(`${box(0)}${run(' with stalls')}`),
          para(`${run('Ward: ')}${control('<w:dropDownList/>', run('Mill ward'))}`),
          para(
            `${run('Name: ')}${control('<w:showingPlcHdr/>', run('Click here to enter text.'))}`
          ),
          para(
            `${field('<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>')}${run(' owner')}`
          ),
          para(`${field('<w:checkBox><w:default w:val="0"/></w:checkBox>')}${run(' tenant')}`),
          para(
            `${run('Kind: ')}${field('<w:ddList><w:result w:val="1"/><w:listEntry w:val="Fence"/><w:listEntry w:val="Shed"/></w:ddList>')}`
          ),
          para(`<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>${run(' yes')}`)
        ].join('')
      )
    )
    expect(text).toBe(
      '[x] with music\n[ ] with stalls\nWard: Mill ward\nName:\n[x] owner\n[ ] tenant\nKind: Shed\n[x] yes'
    )
  })

  test('has the words of its watermark', async () => {
    const header1 = para(
      '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textpath string="COPY"/></v:shape></w:pict></w:r>'
    )
    expect(await textOf(docx(para(run('Words')), { others: { header1 } }))).toBe('COPY\n\nWords')
  })

  test('keeps the cells of its tables apart', async () => {
    const row = (...cells: string[]) =>
      `<w:tr>${cells.map((text) => `<w:tc>${para(run(text))}</w:tc>`).join('')}</w:tr>`
    expect(
      await textOf(
        docx(`<w:tbl>${row('Name', 'Rosa Diaz')}${row('Phone', '512 555 0143')}</w:tbl>`)
      )
    ).toBe('Name Rosa Diaz\nPhone 512 555 0143')
  })

  test('with macros, hidden text or pictures that are elsewhere says so', async () => {
    const bytes = docx(para(`${run('Seen')}${run('unseen', '<w:vanish/>')}`), {
      extra: { 'word/vbaProject.bin': new Uint8Array(10) },
      links: [
        ['rIdX', 'image', 'http://elsewhere.example/a.png', true],
        ['rIdH', 'hyperlink', 'http://elsewhere.example/', true]
      ]
    })
    const { outcome, reason, pages } = await read(bytes)
    expect([outcome, pages[0]!.text]).toEqual(['read', 'Seen'])
    expect(reason).toBe(
      'It has hidden text, which was left out. It holds macros, which are not read. It shows pictures or objects that are not in the file.'
    )
  })

  test('that holds a photographed letter and a workbook brings them as documents of their own', async () => {
    const inner = xlsx([{ name: 'Costs', rows: '<row r="1"><c r="A1"><v>1234.5</v></c></row>' }])
    const { outcome, reason, pages, attachments } = await read(
      docx(para('<w:r><w:drawing/></w:r>'), {
        extra: { 'word/media/image1.png': await letterPng(), 'word/embeddings/Costs.xlsx': inner }
      }),
      { attachments: true }
    )
    expect([outcome, reason, pages[0]!.text]).toEqual(['read', undefined, ''])
    expect(attachments!.map(({ name, outcome: how }) => [name, how])).toEqual([
      ['Costs.xlsx', 'read'],
      ['image1.png', 'read']
    ])
    expect(attachments![0]!.pages[0]!.text).toBe('Sheet: Costs\n1234.5')
    expect(attachments![1]!.pages[0]!.text).toMatch(/street lamp/)
  })
})

describe('a workbook', () => {
  const styles =
    '<numFmts><numFmt numFmtId="164" formatCode="&quot;$&quot;#,##0.00"/><numFmt numFmtId="165" formatCode="m/d"/></numFmts><fonts><font/><font><strike/></font></fonts><cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="10"/><xf numFmtId="165"/><xf numFmtId="0" fontId="1"/><xf numFmtId="3"/></cellXfs>'

  test('is read sheet by sheet as its cells show it, hidden ones by that name, with comments', async () => {
    const text = await textOf(
      xlsx(
        [
          {
            name: 'Claim',
            comments:
              '<comment ref="B2" authorId="0"><text><r><t>Please check</t></r></text></comment>',
            rows: '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" s="1"><v>45000</v></c><c r="B2" s="2"><f>A1*2</f><v>1234.5</v></c><c r="C2" t="b"><v>1</v></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>inline</t></is></c><c r="B3" s="3"><v>0.125</v></c><c r="C3" t="str"><f>A1</f><v>joined</v></c><c r="D3" t="e"><v>#DIV/0!</v></c></row>'
          },
          { name: 'Notes', state: 'veryHidden', rows: '<row><c><v>7</v></c></row>' }
        ],
        {
          strings: [
            '<t>Date</t>',
            '<r><t>Amount </t></r><r><rPr><strike/></rPr><t>net &amp; tax</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>2&amp;3</t></r><rPh><t>reading</t></rPh>'
          ],
          styles
        }
      )
    )
    expect(text).toBe(
      'Sheet: Claim\nDate\tAmount ~~net & tax~~^2&3\n2023-03-15\t$1,234.50\tTRUE\ninline\t12.50%\tjoined\t#DIV/0!\nComment on B2 (Rosa): Please check\n\nHidden sheet: Notes\n7'
    )
  })

  test('that differs in one number, or in the column of a cross, differs in its text', async () => {
    const of = (row: string) =>
      textOf(
        xlsx(
          [
            {
              name: 'S',
              rows: `<row r="1"><c r="A1" t="inlineStr"><is><t>Tree</t></is></c><c r="B1" t="inlineStr"><is><t>Yes</t></is></c><c r="C1" t="inlineStr"><is><t>No</t></is></c></row><row r="2">${row}</row>`
            }
          ],
          { styles }
        )
      )
    const cross = (column: string) =>
      `<c r="A2"><v>1</v></c><c r="${column}2" t="inlineStr"><is><t>x</t></is></c>`
    expect(await of(cross('B'))).not.toBe(await of(cross('C')))
    expect(await of(cross('C'))).toMatch(/1\tC: x$/)
    expect(await of('<c r="A2" s="6"><v>1000.1</v></c>')).toMatch(/1,000 \(1000\.1\)$/)
    expect(await of('<c r="A2" s="4"><v>45000</v></c>')).toMatch(/3\/15 \(2023-03-15\)$/)
    expect(await of('<c r="A2" s="5"><v>9</v></c>')).toMatch(/~~9~~$/)
  })

  test('has the header and footer of its printed sheets, without the codes for fonts', async () => {
    const text = await textOf(
      xlsx([
        {
          name: 'S',
          rows: '<row><c><v>1</v></c></row></sheetData><headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12Claim of Rosa Diaz</oddHeader></headerFooter><sheetData>'
        }
      ])
    )
    expect(text).toBe('Sheet: S\n1\nClaim of Rosa Diaz')
  })

  test('counting from 1904 shows its own dates', async () => {
    expect(
      await textOf(
        xlsx([{ name: 'S', rows: '<row><c s="1"><v>43538</v></c></row>' }], {
          styles,
          workbook: '<workbookPr date1904="1"/>'
        })
      )
    ).toBe('Sheet: S\n2023-03-15')
  })

  test('whose results were never computed says so', async () => {
    const { reason, pages } = await read(
      xlsx([{ name: 'S', rows: '<row><c><f>SUM(A2:A9)</f></c></row>' }])
    )
    expect([pages[0]!.text, reason]).toEqual([
      'Sheet: S\n=SUM(A2:A9)',
      'It has formulas whose results are not in the file.'
    ])
  })
})

describe('a presentation', () => {
  test('is read slide by slide in its order, with notes and tables, hidden ones by that name', async () => {
    const table = `<p:graphicFrame><a:tbl><a:tr>${['Cost', '500'].map((text) => `<a:tc><a:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody></a:tc>`).join('')}</a:tr></a:tbl></p:graphicFrame>`
    const struck =
      '<p:sp><p:txBody><a:p><a:r><a:rPr strike="sngStrike"/><a:t>old plan</a:t></a:r></a:p></p:txBody></p:sp>'
    const text = await textOf(
      pptx([
        { body: shape('The new crossing', 'at Mill Lane'), notes: 'Say it slowly' },
        { body: table + struck, hidden: true }
      ])
    )
    expect(text).toBe(
      'Slide 1\nThe new crossing\nat Mill Lane\n\nNotes: Say it slowly\n\nHidden slide 2\nCost 500\n\n~~old plan~~'
    )
  })

  test('has the words that its masters put on every slide, and not their placeholders', async () => {
    const master = `<p:sldMaster ${namespaces}>${shape('City of Willow Creek')}<p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Click to edit</a:t></a:r></a:p></p:txBody></p:sp></p:sldMaster>`
    const layout = `<p:sldLayout ${namespaces}>${shape('Draft')}</p:sldLayout>`
    const text = await textOf(
      pptx(
        [{ body: shape('The crossing') }],
        {
          'ppt/slides/_rels/slide1.xml.rels': relations([
            ['rId1', 'slideLayout', '../slideLayouts/slideLayout1.xml']
          ]),
          'ppt/slideLayouts/slideLayout1.xml': layout,
          'ppt/slideLayouts/_rels/slideLayout1.xml.rels': relations([
            ['rId1', 'slideMaster', '../slideMasters/slideMaster1.xml']
          ]),
          'ppt/slideMasters/slideMaster1.xml': master
        },
        {
          'ppt/slideLayouts/slideLayout1.xml': 'presentationml.slideLayout+xml',
          'ppt/slideMasters/slideMaster1.xml': 'presentationml.slideMaster+xml'
        }
      )
    )
    expect(text).toBe(
      'Slide 1\nThe crossing\n\nOn every slide: Draft\n\nOn every slide: City of Willow Creek'
    )
  })

  test('with pictures brings them as documents', async () => {
    const { attachments, pages } = await read(
      pptx([{ body: shape('See the picture') }], { 'ppt/media/image1.png': await letterPng() }),
      { attachments: true }
    )
    expect([pages[0]!.text, attachments!.length, attachments![0]!.outcome]).toEqual([
      'Slide 1\nSee the picture',
      1,
      'read'
    ])
  })
})

describe('OpenDocument', () => {
  test('text: headers, struck by style, comments, notes, tables, controls; deleted words are left out and it is said', async () => {
    const automatic =
      '<style:style style:name="T1" style:family="text"><style:text-properties style:text-line-through-style="solid"/></style:style><style:style style:name="T2" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>'
    const master =
      '<style:master-page><style:header><text:p>Mill Lane Residents</text:p></style:header><style:footer><text:p>Reply by June</text:p></style:footer></style:master-page>'
    const { outcome, reason, pages } = await read(
      odf(
        'text',
        [
          '<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>A</dc:creator></office:change-info><text:p>deleted words</text:p></text:deletion></text:changed-region></text:tracked-changes>',
          '<office:forms><form:form><form:checkbox form:label="Owner" form:current-state="checked"/><form:text form:name="Phone" form:current-value="555 0144"/></form:form></office:forms>',
          '<text:p>I do <text:span text:style-name="T1">not</text:span> agree<text:s text:c="2"/>to 10<text:span text:style-name="T2">3</text:span><text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>See page two.</text:p></text:note-body></text:note>.</text:p>',
          '<text:p>The culvert<office:annotation><dc:creator>Rosa</dc:creator><dc:date>2026</dc:date><text:p>Which one?</text:p></office:annotation></text:p>',
          '<table:table><table:table-row><table:table-cell><text:p>Name</text:p></table:table-cell><table:table-cell><text:p>Rosa Diaz</text:p></table:table-cell></table:table-row></table:table>'
        ].join(''),
        { automatic, master }
      )
    )
    expect([outcome, reason]).toEqual([
      'read',
      'It has words deleted while changes were recorded, which were left out.'
    ])
    expect(pages[0]!.text).toBe(
      'Mill Lane Residents\nReply by June\n\n[x] Owner\nPhone: 555 0144\nI do ~~not~~ agree to 10^3[1].\nThe culvert [Comment: Which one?]\n\nName Rosa Diaz\n\nFootnote: See page two.'
    )
  })

  test('spreadsheet: sheets by name, hidden ones too, values as shown, repeated cells, comments', async () => {
    const cell = (text: string, more = '') =>
      `<table:table-cell ${more}><text:p>${text}</text:p></table:table-cell>`
    const automatic =
      '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
    const text = await textOf(
      odf(
        'spreadsheet',
        [
          `<table:table table:name="Claim"><table:table-row>${cell('Date')}${cell('Sum')}</table:table-row><table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`,
          `<table:table-row>${cell('3/15', 'office:value-type="date" office:date-value="2023-03-15"')}${cell('1,000', 'office:value-type="float" office:value="1000.1"')}<table:table-cell table:number-columns-repeated="2"/><table:table-cell><office:annotation><text:p>Check</text:p></office:annotation><text:p>x</text:p></table:table-cell></table:table-row></table:table>`,
          `<table:table table:name="Old" table:style-name="ta2"><table:table-row>${cell('7', 'table:number-columns-repeated="2"')}</table:table-row></table:table>`
        ].join(''),
        { automatic }
      )
    )
    expect(text).toBe(
      'Sheet: Claim\nDate\tSum\n3/15 (2023-03-15)\t1,000 (1000.1)\tE: x\nComment on E5: Check\n\nHidden sheet: Old\n7\t7'
    )
  })

  test('leaves out what stands in a hidden section, and says so; has what a master page shows on every slide', async () => {
    const { reason, pages } = await read(
      odf(
        'text',
        '<text:section text:display="none"><text:p>unseen</text:p></text:section><text:p>Seen</text:p>'
      )
    )
    expect([pages[0]!.text, reason]).toEqual(['Seen', 'It has hidden text, which was left out.'])
    const master =
      '<style:master-page><draw:frame><draw:text-box><text:p>City of Willow Creek</text:p></draw:text-box></draw:frame><draw:frame presentation:class="title" presentation:placeholder="true"><draw:text-box><text:p>Click to edit</text:p></draw:text-box></draw:frame></style:master-page>'
    expect(
      await textOf(
        odf(
          'presentation',
          '<draw:page><draw:frame><draw:text-box><text:p>The crossing</text:p></draw:text-box></draw:frame></draw:page>',
          { master }
        )
      )
    ).toBe('City of Willow Creek\n\nSlide 1\nThe crossing')
  })

  test('presentation: slides with their notes, and pictures as documents', async () => {
    const { pages, attachments, reason } = await read(
      odf(
        'presentation',
        '<draw:page draw:name="p1"><draw:frame><draw:text-box><text:p>The new crossing</text:p></draw:text-box></draw:frame><draw:frame><draw:image xlink:href="Pictures/a.png"/></draw:frame><draw:frame><draw:image xlink:href="https://elsewhere.example/b.png"/></draw:frame><presentation:notes><draw:text-box><text:p>Say it slowly</text:p></draw:text-box></presentation:notes></draw:page>',
        {
          extra: {
            'Pictures/a.png': await letterPng(),
            'Thumbnails/thumbnail.png': new Uint8Array(20)
          }
        }
      ),
      { attachments: true }
    )
    expect(pages[0]!.text).toBe('Slide 1\nThe new crossing\nSay it slowly')
    expect(attachments!.map(({ name }) => name)).toEqual(['a.png'])
    expect(reason).toBe('It shows pictures or objects that are not in the file.')
  })
})

describe('pictures inside', () => {
  test('more than are taken out: the largest are, and it is said', async () => {
    const icons = Object.fromEntries(
      Array.from({ length: limits.embeddedFiles }, (_, n) => [
        `word/media/image${n + 1}.txt`,
        `icon ${n}`
      ])
    )
    const { attachments, reason } = await read(
      docx(para(run('Many')), {
        extra: {
          ...icons,
          'word/media/image99.txt': 'The letter that was put in last, much longer than the icons'
        }
      }),
      { attachments: true }
    )
    expect([attachments!.length, attachments!.at(-1)!.name]).toEqual([
      limits.embeddedFiles,
      'image99.txt'
    ])
    expect(reason).toBe('It holds 51 files, of which the first 50 were taken out.')
  })

  test('that are drawings in SVG are not read as the text of their markup', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>Drawn words</text></svg>'
    expect(await read(Buffer.from(svg))).toMatchObject({
      outcome: 'withheld',
      mediaType: 'image/svg+xml'
    })
    const { attachments } = await read(
      odf('text', '<text:p>See</text:p>', { extra: { 'Pictures/a.svg': svg } }),
      { attachments: true }
    )
    expect(attachments).toMatchObject([{ name: 'a.svg', outcome: 'withheld' }])
  })
})

describe('an object that cannot be read', () => {
  test('is a document that says why', async () => {
    const ole = Buffer.concat([
      Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
      Buffer.alloc(504),
      Buffer.from('\u0001Ole10Native', 'utf16le'),
      Buffer.alloc(1_000)
    ])
    const { attachments } = await read(
      docx(para(run('See the object')), {
        extra: { 'word/embeddings/oleObject1.bin': ole, 'word/_rels/x.xml.rels': relations([]) }
      }),
      { attachments: true }
    )
    expect(attachments).toMatchObject([
      {
        name: 'oleObject1.bin',
        outcome: 'withheld',
        reason: expect.stringMatching(/object of another program \(OLE\)/)
      }
    ])
  })
})

describe('rich text', () => {
  const rtf = (body: string) => Buffer.from(`{\\rtf1\\ansi\\ansicpg1252 ${body}}`, 'latin1')

  test('is read as it is shown', async () => {
    expect(
      await textOf(
        rtf("Please close {\\b my} account at 7 Stra\\'dfe.\\par{\\strike Not now.}\\par Ann")
      )
    ).toBe('Please close my account at 7 Straße.\n~~Not now.~~\nAnn')
  })

  test('with pictures or hidden words says that there is more', async () => {
    for (const body of ['{\\pict 00}', '{\\v hidden}'])
      expect((await read(rtf(`Please close my account.${body}`))).pages[0]).toMatchObject({
        text: 'Please close my account.',
        unread: expect.stringContaining('more than its words')
      })
  })
})
