// What failed beside other tests is run once more, alone: node scripts/renew-report.mjs failed
// <report> prints the files of a jest report that failed, one a line; renew <report> <again> puts the
// results of the second run in place of the first and names what failed only beside others.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const [, , act, file, again] = process.argv
const read = (name) => JSON.parse(readFileSync(name, 'utf8'))
const short = ({ name }) => path.relative(process.cwd(), name)
const report = read(file)
const failed = report.testResults.filter(({ status }) => status === 'failed')

if (act === 'failed') process.stdout.write(failed.map((one) => `${short(one)}\n`).join(''))
else {
  const second = new Map(read(again).testResults.map((one) => [one.name, one]))
  report.testResults = report.testResults.map((one) => second.get(one.name) ?? one)
  for (const one of failed.filter(({ name }) => second.get(name)?.status === 'passed'))
    process.stdout.write(
      `failed beside other tests and passed alone, to be looked into: ${short(one)}: ${named(one)}\n`
    )
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const count = (status) => tests.filter((one) => one.status === status).length
  report.numPassedTests = count('passed')
  report.numFailedTests = count('failed')
  report.numPendingTests = count('pending')
  report.numRuntimeErrorTestSuites = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0
  ).length
  writeFileSync(file, JSON.stringify(report))
}

function named({ assertionResults }) {
  const tests = assertionResults.filter(({ status }) => status === 'failed')
  return tests.map(({ fullName }) => fullName).join('; ') || 'the file could not be run'
}
