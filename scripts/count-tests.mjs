// Prints jest's figures as one plain line. A file that could not be run at all counts as one failure.
import { readFileSync } from 'node:fs'

const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
process.stdout.write(`\n${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed\n`)
