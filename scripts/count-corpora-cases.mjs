// Compares how many cases of the corpora each test looked at with the least it must: node
// scripts/count-corpora-cases.mjs <counts> <corpora>.
// A folder read only in part, or a test that lost its samples, fails here and not in silence.
import { existsSync, readFileSync } from 'node:fs'

const [, , file, corpora] = process.argv
const least = JSON.parse(readFileSync('test/corpora-cases.json', 'utf8'))
const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : []
const counted = Object.fromEntries(
  lines.map((line) => JSON.parse(line)).map(({ name, cases }) => [name, cases])
)

if (!existsSync(corpora)) {
  process.stdout.write('corpora: absent, their tests were skipped\n')
  process.exit(lines.length === 0 ? 0 : 1)
}
const short = Object.entries(least).filter(([name, cases]) => !(counted[name] >= cases))
for (const [name, cases] of short)
  process.stderr.write(
    `corpora: ${name}: ${counted[name] ?? 0} cases, at least ${cases} expected\n`
  )
for (const name of Object.keys(counted).filter((one) => !(one in least)))
  process.stderr.write(
    `corpora: ${name} is not in test/corpora-cases.json (${counted[name]} cases)\n`
  )
const total = Object.values(counted).reduce((sum, cases) => sum + cases, 0)
process.stdout.write(`corpora: ${total} cases in ${Object.keys(counted).length} tests\n`)
process.exit(short.length > 0 || Object.keys(counted).some((name) => !(name in least)) ? 1 : 0)
