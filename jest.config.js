import { useMemoryFolder } from './test/helpers/memory-folder.mjs'
import { sortTests } from './test/helpers/pure.mjs'

useMemoryFolder()

const { pure, services } = sortTests('test')

const shared = {
  testEnvironment: '<rootDir>/test/helpers/environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '[.]ts$': '<rootDir>/test/helpers/strip-types.mjs' },
  setupFiles: ['<rootDir>/test/helpers/plain-console.ts']
}
const named = (files) => files.map((file) => `<rootDir>/${file}`)

export default {
  // A guard against what hangs, not a measure: three times what the slowest takes on a crowded machine.
  // No test sets its own, since how long one takes is the machine's business.
  testTimeout: 900_000,
  // Two cores: two files side by side, so services started by a test keep some room.
  maxWorkers: 2,
  // Kept from run to run, which the temporary folder is not.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  // Modules of each file stay in a worker's memory (2.7 GB after half of the files): a fresh one collects less.
  workerIdleMemoryLimit: '1GB',
  projects: [
    { ...shared, displayName: 'pure', testMatch: named(pure) },
    {
      ...shared,
      displayName: 'services',
      testMatch: named(services),
      globalSetup: '<rootDir>/test/helpers/global-setup.ts',
      globalTeardown: '<rootDir>/test/helpers/global-teardown.ts'
    }
  ]
}
