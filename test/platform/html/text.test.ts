import { describe, expect, test } from '@jest/globals'
import { readHtml } from '../../../platform/html/text.ts'

const limits = { htmlLength: 200_000, htmlDepth: 1_000, htmlTags: 60_000 }
const text = (html: string) => readHtml(html, limits).text

describe('a table in HTML', () => {
  test.each([
    [
      'has its rows on lines and its cells apart',
      '<table><tr><td>Name</td><td>Ana Ruiz</td></tr><tr><td>Topic</td><td>lamp</td></tr></table>',
      'Name Ana Ruiz\nTopic lamp'
    ],
    [
      'has paragraphs in its cells, as Outlook writes them',
      '<table><tr><td><p>Name</p></td><td><p>Ana</p></td></tr><tr><td><p>Topic</p></td><td><p>lamp</p></td></tr></table>',
      'Name Ana\nTopic lamp'
    ],
    [
      'has no end tags',
      '<table><tr><th>Name<td>Ana<tr><th>Topic<td>lamp</table>',
      'Name Ana\nTopic lamp'
    ],
    [
      'has a cell of several lines',
      '<table><tr><td>Where</td><td>7 Oak St<br>rear</td><td>lamp</td></tr></table>',
      'Where 7 Oak St\nrear\nlamp'
    ],
    [
      'lays out others',
      '<table><tr><td><table><tr><td>A</td><td>B</td></tr><tr><td>C</td><td>D</td></tr></table></td><td>E</td></tr></table>',
      'A B\nC D\nE'
    ],
    [
      'is made of styles',
      '<div style="display: table-row"><div style="display:table-cell">Name</div><div style="display:table-cell">Ana</div></div><div style="display:table-row"><span style="display:table-cell">Topic</span><span style="display:table-cell">lamp</span></div>',
      'Name Ana\nTopic lamp'
    ],
    ['has cells outside of rows', '<td>Name</td><td>Ana</td>', 'Name Ana']
  ])('%s', (_name, html, expected) => {
    expect(text(html)).toBe(expected)
  })
})

describe('what stands apart in HTML', () => {
  test.each([
    [
      'blocks',
      '<div>one</div><div>two<span style="display:block">three</span>four</div><section>five</section>',
      'one\ntwo\nthree\nfour\nfive'
    ],
    ['line ends', 'one<br>two<br/><br>three', 'one\ntwo\n\nthree'],
    ['entries of lists', '<ul><li>one<li>two<ol><li>three</ol></ul>', '* one\n* two\n\n1. three'],
    [
      'names and what they mean',
      '<dl><dt>Name<dd>Ana<dt>Topic<dd>lamp</dl>',
      'Name\nAna\nTopic\nlamp'
    ],
    ['fields', '<label>Name</label><input><label>Topic</label>', 'Name Topic'],
    [
      'preformatted lines',
      '<pre>one\n  two</pre><div style="white-space:pre-wrap">three\nfour</div>',
      'one\n  two\n\nthree\nfour'
    ],
    ['quotes', '<blockquote>one<br>two</blockquote>three', '> one\n> two\n\nthree'],
    ['inline blocks not', 'one <div style="display:inline">two</div> three', 'one two three'],
    ['entities', 'one&nbsp;two was&shy;n&rsquo;t', 'one two wasn’t']
  ])('%s', (_name, html, expected) => {
    expect(text(html)).toBe(expected)
  })
})

describe('what turns the meaning of words is kept as a sign:', () => {
  test.each([
    ['<p>I do <del>not</del> want it.</p>', 'I do ~~not~~ want it.'],
    ['<s>permit</s> licence', '~~permit~~ licence'],
    ['<strike>permit </strike>licence', '~~permit~~ licence'],
    ['<span style="text-decoration: line-through">Oak</span> Elm', '~~Oak~~ Elm'],
    ['<span style="text-decoration-line:underline line-through">Oak</span>', '~~Oak~~'],
    ['<style>.x{text-decoration:line-through red}</style><i class=x>Oak</i> Elm', '~~Oak~~ Elm'],
    ['<s>one<p>two <del>three</del></p></s>four', '~~one\n\ntwo three~~\n\nfour'],
    ['<ul><li><s>one</s><li>two</ul>', '* ~~one~~\n* two'],
    ['<table><tr><td><s>1</s><td>2</table>', '~~1~~ 2'],
    ['10<sup>3</sup> and 10<sup>&minus;3</sup>', '10^3 and 10^−3'],
    ['2<sup>1</sup>/<sub>2</sub>', '2^1/2'],
    ['10<span style="vertical-align:super">3</span>', '10^3'],
    ['<s>10<sup>3</sup></s>', '~~10^3~~']
  ])('%s', (html, expected) => {
    expect(text(html)).toBe(expected)
  })

  test.each([
    ['<del style="text-decoration:none">one</del>', 'one'],
    ['<s></s><s> </s>one', 'one'],
    ['<s style="display:none">no</s>one', 'one'],
    ['<s><span hidden>no</span></s>one', 'one'],
    ['5<sup>th</sup> Street, 3<sup>er</sup> piso, Acme<sup>®</sup>', '5th Street, 3er piso, Acme®'],
    ['one<sup></sup> two', 'one two']
  ])('but nothing where there is nothing: %s', (html, expected) => {
    expect(text(html)).toBe(expected)
  })
})

describe('a form that was filled in has its answers:', () => {
  test.each([
    [
      '<label>Name</label><input value="Rosa Diaz"><br><label>Phone <input type=tel value=5125550143></label>',
      'Name Rosa Diaz\nPhone 5125550143'
    ],
    ['Street <select><option>Pine<option selected>Oak<option>Elm</select> rear', 'Street Oak rear'],
    [
      'Trees <select multiple><option selected>Oak</option><option>Pine</option><optgroup label=x><option selected>Elm</option></optgroup></select>',
      'Trees\nOak\nElm'
    ],
    [
      '<input type=checkbox checked>yes <input type="CHECKBOX">no <input type=radio checked>left <input type=radio>right',
      '[x] yes [ ] no [x] left [ ] right'
    ],
    ['<p>Words</p><textarea>one\n  two</textarea>', 'Words\n\none\n  two'],
    [
      '<input type=date value=2026-06-01><input type=hidden value=no><input type=password value=no><input type=submit value=no><input type=image alt=no value=no><input type=file value=no>',
      '2026-06-01'
    ],
    ['<form>one<button>no</button></form><button>two</button>', 'one\ntwo'],
    [
      '<input value="no" style="display:none"><div hidden><input type=checkbox checked></div>one',
      'one'
    ],
    ['<s><input value="Oak"></s> Elm', '~~Oak~~ Elm'],
    ['<input value="<b>1 &lt; 2</b>">', '<b>1 < 2</b>']
  ])('%s', (html, expected) => {
    expect(text(html)).toBe(expected)
  })
})

describe('a list has the numbers that its reader sees:', () => {
  test.each([
    ['<ol start=5><li>pay<li>wait</ol>', '5. pay\n6. wait'],
    ['<ol><li>pay<li value=7>wait<li>go</ol>', '1. pay\n7. wait\n8. go'],
    ['<ol type=A><li>pay<li>wait</ol>', 'A. pay\nB. wait'],
    ['<ol type=a start=26><li>pay<li>wait</ol>', 'z. pay\naa. wait'],
    ['<ol type=i start=4><li>pay<li>wait</ol>', 'iv. pay\nv. wait'],
    ['<ol type=I start=1994><li>pay</ol>', 'MCMXCIV. pay'],
    ['<ol reversed><li>pay<li>wait<li>go</ol>', '3. pay\n2. wait\n1. go'],
    ['<ol reversed start=9><li>pay<li>wait</ol>', '9. pay\n8. wait'],
    ['<ol reversed><li>pay<ol><li>in</ol><li>wait</ol>', '2. pay\n\n1. in\n\n1. wait'],
    ['<ol style="list-style: upper-roman inside"><li>pay</ol>', 'I. pay'],
    ['<ol><li style="list-style-type:lower-alpha">pay</ol>', 'a. pay'],
    ['<style>.n{list-style-type:none}</style><ol class=n><li>pay</ol>', 'pay'],
    ['<ul style="list-style-type:decimal"><li>pay<li>wait</ul>', '1. pay\n2. wait'],
    ['<ol start=-1><li>pay<li>wait</ol>', '-1. pay\n0. wait'],
    ['<ol type=i start=4000><li>pay</ol>', '4000. pay'],
    ['<ol type=a start=0><li>pay</ol>', '0. pay'],
    ['<ul><li value=3>pay</ul><li>wait', '* pay\n\n* wait'],
    ['<ol start=x><li value=y>pay</ol>', '1. pay']
  ])('%s', (html, expected) => {
    expect(text(html)).toBe(expected)
  })
})

describe('what is shown without standing between the tags is in the text:', () => {
  test.each([
    ['x1<sub>2</sub>', 'x1_2'],
    ['x<span style="vertical-align:sub">2</span>', 'x_2'],
    ['x<span style="vertical-align:-3px">2</span>', 'x_2'],
    ['10<span style="vertical-align:50%">3</span>', '10^3'],
    ['10<sup>3</sup>5', '10^{3}5'],
    ['10<sup>3 4</sup>', '10^{3 4}'],
    ['10<sup>3</sup>, 5', '10^3, 5'],
    ['<table><tr><td style="vertical-align:50%">a<td>b</table>', 'a b'],
    ['<sup style="vertical-align:baseline">3</sup>', '3'],
    ['a <select><option>approve<option>refuse</select> b', 'a approve b'],
    ['<select><option disabled>pick one<option>approve</select>', 'approve'],
    ['<select><optgroup disabled><option>no</optgroup><option>approve</select>', 'approve'],
    ['<select size=3><option>approve<option>refuse</select>one', 'one'],
    ['<select multiple><option>approve</select>one', 'one'],
    ['<select><option label=maybe selected>x</select>', 'maybe'],
    ['<select><option selected>a<option selected>b</select>', 'b'],
    ['<select hidden><option>no</select>one', 'one'],
    ['<s><select><option>Oak</select></s> Elm', '~~Oak~~ Elm'],
    [
      '<style>.n::before{content:"Not "} .n:after{content: \'!\'}</style>I do <b class=n>want</b>',
      'I do Not want!'
    ],
    ['<meter value=3 max=10>no</meter><progress value=.5>no</progress>', '[3 / 10] [.5 / 1]'],
    ['I said <q>no <b>way</b> </q> twice', 'I said “no way” twice'],
    ['<ruby>漢<rp>[</rp><rt>kan</rt><rp>]</rp></ruby>', '漢(kan)'],
    [
      '<svg><title>no</title><style>.a{}</style><text>one</text> no <text>two <tspan>three</tspan></text></svg>',
      'one two three'
    ],
    ['<object data=x><p>instead</p></object>', 'instead'],
    [
      '<math> <mfrac> <mn>1</mn> <mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow> </mfrac> <annotation>no</annotation></math>',
      '1/(a+b)'
    ],
    ['<math><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>', 'x_1^2'],
    ['<details><summary>one</summary>two</details><dialog>three</dialog>', 'one\ntwo\nthree'],
    ['<textarea>\none</textarea><button>two</button>', 'one two'],
    ['<noscript>one</noscript>', 'one']
  ])('%s', (html, expected) => {
    expect(text(html)).toBe(expected)
  })
})

describe('an image has the words that say what it shows', () => {
  test.each([
    [
      'inside a sentence',
      'a ramp for my <img src=w.png alt="wheelchair">, please',
      'a ramp for my [image: wheelchair], please'
    ],
    ['that are an emoji, as it was typed', '<p>I am <img alt="👎🏽">!</p>', 'I am 👎🏽!'],
    ['on one line, without what would end the mark', '<img alt="one] \n two">', '[image: one two]'],
    ['up to a length', `<img alt="${'x'.repeat(300)}">`, `[image: ${'x'.repeat(200)}]`]
  ])('%s', (_name, html, expected) => {
    expect(text(html)).toBe(expected)
  })

  test.each([
    '<img alt="">',
    '<img src=x>',
    '<img alt="Open" width=1 height=1>',
    '<img alt="Open" style="width:1px">',
    '<img alt="spacer">',
    '<img alt="Logo">',
    '<img alt="image001.png">',
    '<img alt="Oak" role=presentation>',
    '<img alt="Oak" aria-hidden=true>',
    '<img alt="Oak" style="display:none">',
    '<div hidden><img alt="Oak"></div>',
    '<img alt="* * *">'
  ])('but not a decoration: %s', (html) => {
    expect(text(`one${html}`)).toBe('one')
  })
})

describe('what its reader does not see is not in the text:', () => {
  test.each([
    '<div style="display:none">no</div>',
    '<div style="DISPLAY : NONE !important">no<b style="display:block">no</b></div>',
    '<p hidden>no</p>',
    '<span style="visibility:hidden">no</span>',
    '<span style="mso-hide:all">no</span>',
    '<span style="font-size:0px">no</span>',
    '<span style="font-size:1px">no</span>',
    '<div style="max-height:0;overflow:hidden">no</div>',
    '<div style="height:0px;overflow:hidden">no</div>',
    '<span style="opacity:0.0">no</span>',
    '<span style="color:transparent">no</span>',
    '<body bgcolor="#fff"><font color="white">no</font></body>',
    '<td style="background:#336699"><span style="color:rgb(51,102,153)">no</span></td>',
    '<div style="position:absolute;left:-9999px">no</div>',
    '<style>.pre{display:none} .x, p.y { opacity: 0 }</style><div class="a pre">no</div><i class=x>no</i><p class="y">no</p>',
    '<style>#p{font-size:0}</style><div id="p">no</div>',
    '<title>no</title>',
    '<script>no</script>',
    '<!--[if mso]><p>no</p><![endif]-->',
    '<template>no</template>'
  ])('%s', (html) => {
    expect(text(`<p>seen</p>${html}`)).toBe('seen')
  })

  test.each([
    '<style>@media print{.b{display:none}}</style><p class="b">seen</p>',
    '<div style="font-size:0"><span style="font-size:14px">seen</span></div>',
    '<div style="visibility:hidden"><b style="visibility:visible">seen</b></div>',
    '<font color="white">seen</font>',
    '<div style="background:#000"><span style="color:#fff">seen</span></div>',
    '<style>.b{display:none}</style><p class="b" style="display:block">seen</p>',
    '<div style="max-height:0.5em">seen</div>',
    '<!--[if !mso]><!--><p>seen</p><!--<![endif]-->',
    '<div style="height:0">seen</div>',
    '<td style="background:url(x.png) #fff"><font color="#fff">seen</font></td>'
  ])('but what is seen stays: %s', (html) => {
    expect(text(html)).toBe('seen')
  })

  test('and characters without width that pad a first line are taken out, those that join letters are not', () => {
    expect(text(`<p>one${'&zwnj;&nbsp;'.repeat(50)}</p><p>می‌خواهم 👩‍🚒</p>`)).toBe(
      'one\n\nمی‌خواهم 👩‍🚒'
    )
  })
})

describe('styles hold as in a browser:', () => {
  const styled = (css: string, html: string, doctype = '<!doctype html>') =>
    readHtml(`${doctype}<style>${css}</style>${html}`, limits)

  test.each([
    ['a body without a tag', 'body > p { display: none }', '<p>seen</p>', ''],
    ['an html without a body', 'body > p { display: none }', '<html><p>seen</p>', ''],
    [
      'a body of a table without a tag',
      'tbody > tr { display: none }',
      '<table><tr><td>seen</table>',
      ''
    ],
    [
      'rows that are never right in a table',
      'table > tr { display: none }',
      '<table><tr><td>seen</table>',
      'seen'
    ],
    [
      'children and neighbours',
      'p + p, div > i { display: none }',
      '<p>seen</p><p>no</p><div>one <i>no</i><b><i>two</i></b></div>',
      'seen\n\none two'
    ],
    [
      'places',
      'p:first-child, p:nth-of-type(3) { display: none }',
      '<div><p>no</p><p>seen</p><p>no</p></div>',
      'seen'
    ],
    ['attributes', '[data-x="1" i] { display: none }', '<p data-x=1>no</p><p>seen</p>', 'seen'],
    ['what is not', 'p:not(.a) { display: none }', '<p>no</p><p class=a>seen</p>', 'seen'],
    [
      'the stronger rule',
      '#a { display: block } p.a { display: none }',
      '<p id=a class=a>seen</p>',
      'seen'
    ],
    [
      'a sheet behind the words',
      '',
      '<p class=a>no</p>seen<style>.a{display:none}</style>',
      'seen'
    ],
    ['signs that stand for others', '.\\61 { display: none }', '<p class=a>no</p>seen', 'seen'],
    ['comments anywhere', 'p/*x*/.a { display:/**/none }', '<p class=a>no</p>seen', 'seen'],
    ['a font without height', 'p { font: 0/0 a }', '<p>no</p>seen', 'seen'],
    ['hidden taken back', '', '<p hidden style="display:block">seen</p>', 'seen'],
    [
      'a background said twice',
      '',
      '<p style="color:#fff;background-color:#fff;background:#000">seen</p>',
      'seen'
    ],
    ['print alone', '', '<style media=print>p{display:none}</style><p>seen</p>', 'seen']
  ])('%s', (_, css, html, expected) => {
    expect(styled(css, html).text).toBe(expected)
  })

  test('capitals in names are the same without a modern doctype, and no two programs agree on it', () => {
    const at = (doctype: string) =>
      styled('.Gone{display:none}', '<p class=gone>no</p>seen', doctype)
    expect([at('<!doctype html>'), at('')]).toEqual([
      { text: 'no\n\nseen', whole: true },
      { text: 'seen', whole: false }
    ])
    expect(at('<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">').text).toBe('seen')
  })

  test.each([
    ['a font that browsers leave out', 'p{font:0}', '<p>seen</p>'],
    ['a small font', 'p{font:4px Arial}', '<p>seen</p>'],
    ['a selector that nobody knows', 'p, x::-unknown { display: none }', '<p>seen</p>'],
    ['rules inside rules', 'div { p { display: none } }', '<div><p>seen</p></div>'],
    ['words between the rows of a table', '', '<table>seen<tr></tr></table>'],
    [
      'more work than is done',
      'x i i i i b { display: none }',
      `${'<i>'.repeat(900)}<u>seen</u>${'<b></b>'.repeat(2_000)}`
    ],
    ['another screen', '', '<style media="(max-width:600px)">p{display:none}</style><p>seen</p>']
  ])('and what is not sure is said: %s', (_, css, html) => {
    expect(styled(css, html)).toEqual({ text: 'seen', whole: false })
  })
})

describe('fonts whose letters are signs', () => {
  test.each([
    ['<font face=Wingdings>J</font>', '☺', false],
    ['<font face="Wingdings">\u00fe</font> yes', '[x] yes', false],
    ['<span style="font-family:\'Wingdings 2\'">P</span> yes', '✓ yes', false],
    ['<span style="font:12pt Symbol">a</span>', 'α', false],
    ['<span style="font-family:Symbol">\u00b7</span> one', '• one', true],
    ['<font face=Wingdings>J<font face=Arial>J</font></font>', '☺J', false],
    ['<font face="Wingdings 3">J</font>', '[sign]', false],
    ['<font face=Arial>J</font>', 'J', true]
  ])('are read as signs: %s', (html, expected, whole) => {
    expect(readHtml(html, limits)).toEqual({ text: expected, whole })
  })
})

describe('the work on HTML is bounded', () => {
  test.each([
    ['characters', 'x'.repeat(limits.htmlLength), 'x'.repeat(limits.htmlLength + 1)],
    ['depth', '<b>'.repeat(limits.htmlDepth), '<b>'.repeat(limits.htmlDepth + 1)],
    ['tags', '<br>'.repeat(200), '<br>'.repeat(201)],
    ['signs that begin no tag', '< '.repeat(6_000), '< '.repeat(6_001)]
  ])('by %s', (_name, at, over) => {
    const bounds = {
      ...limits,
      htmlTags: 2_000,
      ...(at.startsWith('<br>') ? { htmlTags: 200 } : {})
    }
    expect(() => readHtml(at, bounds)).not.toThrow()
    expect(() => readHtml(over, bounds)).toThrow(expect.objectContaining({ code: 'READ_LIMIT' }))
  })

  test('and the text does not grow with struck and raised marks inside each other', () => {
    expect(text(`${'<s><sup>'.repeat(400)}x`)).toBe('~~^x~~')
    expect(text(`${'<s>x</s><sup>y</sup>'.repeat(1_000)}`).length).toBeLessThan(10_000)
  })

  test('and neither with lists, choices, formulas and what styles write', () => {
    expect(text(`<ol reversed>${'<li>x<sup>y z</sup>1'.repeat(5_000)}</ol>`).split('\n')[0]).toBe(
      '5000. x^{y z}1'
    )
    expect(text('<select><option>x'.repeat(500)).length).toBeLessThan(1_001)
    expect(text('<sup>x <sub>'.repeat(450)).length).toBeLessThan(5_000)
    expect(text(`<style>i::before{content:"y"}</style>${'<i>x'.repeat(900)}`).length).toBe(1_800)
    expect(
      text(`<style>i::before{content:"${'y'.repeat(9_000)}"}</style>${'<i>x</i>'.repeat(900)}`)
        .length
    ).toBe(20_900)
    expect(text(`<math>${'<msup><mi>x</mi><mrow>'.repeat(400)}`).length).toBeLessThan(5_000)
  })

  test('and a style that is longer than is looked at is not taken for whole', () => {
    expect([
      readHtml(`<p style="${'color:red;'.repeat(98)}">x`, limits).whole,
      readHtml(`<p style="${'color:red;'.repeat(101)}">x`, limits).whole,
      readHtml(`<style>${' '.repeat(200_001)}</style>x`, { ...limits, htmlLength: 300_000 }).whole
    ]).toEqual([true, false, false])
  })

  const times = (count: number, write: (n: number) => string): string =>
    Array.from({ length: count }, (_, n) => write(n)).join('')

  test('as are rules looked up for elements, and different styles of elements', () => {
    const rules = (count: number) => `<style>${times(count, () => 'b{color:red}')}</style>`
    // A rule costs four: itself, its declaration, and the name it asks for, in two ways of reading.
    const looks = (elements: number) =>
      readHtml(`${rules(500)}${'<b>x</b>'.repeat(elements)}`, limits).whole
    expect([looks(250), looks(251)]).toEqual([true, false])
    const styles = (count: number) =>
      readHtml(
        times(count, (n) => `<p style="margin:${10_000 + n}px">x</p>`),
        limits
      ).whole
    expect([styles(4_385), styles(4_386)]).toEqual([true, false])
  })

  test('a line like the head of an earlier mail costs no more for what follows it', () => {
    const spaces = (count: number) => `${' '.repeat(count)}${'\n'.repeat(count)}`
    const html = `<p>-- original message${spaces(400_000)}x</p><p>Yes / <b>no</b></p>`
    expect(readHtml(html, { ...limits, htmlLength: 1_000_000 }).whole).toBe(false)
  })

  test('a closed choice shows the entry that is chosen, also a hidden one', () => {
    expect(text('<select><option hidden selected>none of these<option>yes</select>')).toBe(
      'none of these'
    )
  })

  test('a foot written before the body of its table is shown beneath it', () => {
    const table = (rows: string) => readHtml(`<table>${rows}</table>`, limits).whole
    const [foot, body] = ['<tfoot><tr><td>No</tfoot>', '<tbody><tr><td>Yes</tbody>']
    expect([table(foot + body), table(body + foot)]).toEqual([false, true])
  })

  test.each([
    ['a whole paragraph', '<p>Hello</p><p><b>All of it</b></p>'],
    ['a heading', '<h1>Hello</h1><p>there</p>'],
    ['a link', '<p>see <a href="https://a.example" style="color:blue"><u>this</u></a> too</p>'],
    ['a quoted mail', '<p>Yes</p><div class="gmail_quote">On Monday Bo wrote:<br>a <b>b</b></div>'],
    ['an earlier mail', '<p>Yes</p><div><b>From:</b> Bo<br><b>Sent:</b> Monday</div>'],
    ['a signature', '<p>Yes</p><div>-- <br><b>Jane</b><br>Clerk</div>'],
    ['nearly black letters', '<p>Hello <span style="color:#222">there</span></p>'],
    ['signs alone', '<p>Hello<b>.</b></p>']
  ])('marks say nothing on %s', (_, html) => {
    expect(readHtml(html, limits).whole).toBe(true)
  })

  test('and the text does not grow with the depth of quotes', () => {
    expect(text(`${'<blockquote>'.repeat(900)}${'x<br>'.repeat(1_000)}`).length).toBeLessThan(
      20_000
    )
  })
})
