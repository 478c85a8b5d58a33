import { defineConfig } from 'vitest/config'

/** The tests that need a Spark of half a gigabyte, and some memory for its processes. */
export default defineConfig({
  test: {
    include: ['test/spark/**/*.test.ts'],
    globalSetup: ['test/setup.ts'],
    reporters: ['default', './test/reporter.ts'],
    // Each file has a cluster of its own.
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 900_000,
  },
})
