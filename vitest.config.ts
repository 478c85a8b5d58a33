import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Where nothing is known of a run before, the largest files come first; these take long for their size. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      /\/(chaos\/chaos|web\/large|engines\/local\/pipeline)\.test\.ts$/.test(moduleId)
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need a Spark: vitest.spark.config.ts runs them.
    exclude: ['test/engines/spark/**'],
    globalSetup: ['test/setup.ts'],
    reporters: ['default', './test/reporter.ts'],
    sequence: { sequencer: LongFirst },
    // By default one processor is left idle; much of a test is waiting for a server.
    maxWorkers: '100%',
    testTimeout: 300_000,
    hookTimeout: 240_000,
  },
})
