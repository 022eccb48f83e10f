import { expect, test } from '@jest/globals'
import { namesOnly, program, readSources } from '../helpers/sources.ts'

/**
 * Words that meant several things, or one that only its author knew, with what is said instead and
 * the files where the word has its one meaning.
 */
const words: readonly (readonly [words: RegExp, instead: string, where?: RegExp])[] = [
  [
    /^turns?$/,
    'rotation of a page, slice of a document, pause in computing; `turn` is an event’s number in its department',
    /^(?:core\/(?:line|ledger|audit|webhooks)\/|cli\/audit|bench\/line|test\/core\/(?:audit|webhooks)\/|test\/docs\/|platform\/(?:db\/migrations|pages\/assets)\/)/
  ],
  [
    /^bench(?:es)?$/,
    'page, rig; a bench measures',
    /^(?:bench|cli\/(?:bench|commands)|test\/(?:bench|core\/matching|promises))/
  ],
  [/^gates?$/, 'limit, semaphore, authorization'],
  [/^(?:hoppers?|chutes?)$/, 'scan intake, scan source'],
  [/^ground$/, 'runtime'],
  [/^mint(?:s|ed)?$/, 'issue a ticket'],
  [/^means$/, 'context'],
  [/^matters?$/, 'duplicates, contact'],
  [/^remarks?$/, 'hold reason'],
  [/^owe[ds]?$/, 'outbox entry, enqueue', /^test\/promises\/tampering-shows/],
  [
    /^collect(?:or)?$/,
    'intake, ports',
    /^(?:cli\/(?:metrics|web)|core\/documents\/reader|platform\/(?:http-bodies|html))/
  ]
]

const partsOf = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_$]+/)

const here = 'test/policy/words.test.ts'
const isNotThis = ({ path }: { readonly path: string }) => path !== here

test('no name in the code has one of the words that meant several things', () => {
  const found = new Set<string>()
  for (const { path, text } of readSources([...program, 'bench', 'test']).filter(isNotThis))
    for (const name of new Set(namesOnly(text).match(/[A-Za-z_$][\w$]*/g)))
      for (const part of partsOf(name))
        for (const [word, instead, where] of words)
          if (word.test(part) && !where?.test(path)) found.add(`${path}: ${name} (say ${instead})`)
  expect([...found]).toEqual([])
})

/** Names of rooms and things that are called otherwise now, wherever they are spoken of. */
const gone =
  /\b(?:hopper|chute|mints? (?:a|one|its) ticket|(?:mailroom|transcription|review) bench)\b/i

test('no text speaks of what is called otherwise now', () => {
  const found = readSources(
    [...program, 'bench', 'docs', 'test'],
    ['.ts', '.mjs', '.js', '.eta', '.md', '.yaml', '.css']
  ).filter((source) => isNotThis(source) && gone.test(source.text))
  expect(found.map(({ path }) => path)).toEqual([])
})
