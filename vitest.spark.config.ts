import { defineConfig } from 'vitest/config'

/** The tests that need a Spark of half a gigabyte, and some memory for its processes. */
export default defineConfig({
  test: {
    include: ['test/engines/spark/**/*.test.ts'],
    globalSetup: ['test/setup.ts', 'test/engines/spark/setup.ts'],
    isolate: false,
    setupFiles: ['test/between.ts'],
    reporters: ['default', './test/reporter.ts'],
    // They share a cluster.
    maxWorkers: 1,
    // Two dozen JVMs live for seconds each: they compile lightly, collect garbage simply, and trust Spark's classes, which
    // takes a third of the work.
    env: {
      JAVA_TOOL_OPTIONS:
        '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote',
    },
    testTimeout: 600_000,
    hookTimeout: 900_000,
  },
})
