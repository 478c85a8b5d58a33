import { defineConfig } from 'vitest/config'

/** The tests that need a Spark of half a gigabyte, and some memory for its processes. */
export default defineConfig({
  test: {
    include: ['test/engines/spark/**/*.test.ts'],
    globalSetup: ['test/setup.ts'],
    reporters: ['default', './test/reporter.ts'],
    // Each file has a cluster of its own.
    maxWorkers: 1,
    // Two dozen JVMs live for seconds each: they compile lightly, and trust Spark's classes, which takes a third of the work.
    env: {
      JAVA_TOOL_OPTIONS:
        '-XX:TieredStopAtLevel=1 -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote',
    },
    testTimeout: 600_000,
    hookTimeout: 900_000,
  },
})
