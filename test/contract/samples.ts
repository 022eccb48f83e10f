/** What residents and strangers send, whatever the channel. */

/**
 * Text that has broken programs before; each has to come through, a NUL and half a surrogate pair
 * as U+FFFD.
 */
export const strangeTexts: Readonly<Record<string, string>> = {
  'a NUL': 'before\u0000after',
  'half a surrogate pair': 'left\ud800right',
  'emoji joined by invisible characters': 'leak 🚰 at the 👩‍👩‍👧‍👦 shelter 🏳️‍🌈',
  'Hebrew and Arabic': 'שלום, המדרכה שבורה. مرحبا، الرصيف مكسور.',
  'a mark that turns the reading order': 'see \u202Egpj.exe\u202C now',
  'letters under a pile of marks': 'Z\u0351\u036B\u0343a\u0334\u0335lgo',
  'Chinese and Japanese': '人行道坏了。歩道が壊れています。',
  'control characters': 'bell\u0007 escape\u001B[31m red',
  'separators of lines and paragraphs': 'one\u2028two\u2029three',
  'a page of HTML with a script': '<script>alert(1)</script><img src=x onerror=alert(2)>',
  SQL: "'; drop table contacts; --",
  'a template': '{{7*7}} <%= it.secret %> ${process.env.HOME}',
  'format directives and percent signs': '%s %n %00 100% %zz',
  "names of an object's inside": '__proto__ constructor toString',
  'one word of 5,000 letters': 'x'.repeat(5_000)
}

/** Bytes that are nothing any provider sends. */
export const garbage: Readonly<Record<string, Buffer>> = {
  'every byte there is': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  'a thousand bytes of 0xFF': Buffer.alloc(1_000, 0xff),
  'a thousand NULs': Buffer.alloc(1_000),
  'lists in lists, 20,000 deep': Buffer.from('['.repeat(20_000)),
  'objects in objects, 20,000 deep': Buffer.from('{"a":'.repeat(20_000)),
  'JSON that reaches for prototypes': Buffer.from(
    '{"__proto__":{"admin":true},"constructor":{"prototype":{}},"id":null}'
  ),
  'JSON of wrong types': Buffer.from(
    '{"data":[],"id":{},"event_type":7,"payload":"x","From":["a"]}'
  ),
  'JSON null': Buffer.from('null'),
  'ten thousand ampersands': Buffer.from('&'.repeat(10_000)),
  'percent signs that decode to nothing': Buffer.from('From=%E0%A4%A&Body=%&%=%ZZ&%00=%00'),
  'entities that would grow a billionfold': Buffer.from(
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
  ),
  'the head of a PDF and no more': Buffer.from('%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n<<'),
  'the head of a TIFF that points nowhere': Buffer.from('49492a00ffffffff', 'hex'),
  'the boundary of a form and no more': Buffer.from(
    '------x\r\nContent-Disposition: form-data; name="'
  ),
  'one half of a UTF-8 character': Buffer.from([0xe2, 0x82]),
  'a UTF-16 text': Buffer.from('\ufeffhello there', 'utf16le')
}
