export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '[.]ts$': '<rootDir>/test/helpers/strip-types.mjs' },
  globalSetup: '<rootDir>/test/helpers/global-setup.ts',
  globalTeardown: '<rootDir>/test/helpers/global-teardown.ts',
  setupFiles: ['<rootDir>/test/helpers/plain-console.ts'],
  testTimeout: 60_000,
  // Two cores: two files side by side, so services started by a test keep some room.
  maxWorkers: 2
}
