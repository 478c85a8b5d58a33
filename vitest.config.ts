import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Where nothing is known of a run before, the largest files come first; these take long for their size. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      /\/(chaos\/chaos|web\/large|engines\/local\/pipeline)\.test\.ts$/.test(moduleId)
    // A process is used for one shared file after the other, and for no other between them.
    const isShared = ({ project }: TestSpecification) => !project.config.isolate
    const rank = (file: TestSpecification) => (isShared(file) ? 2 : 0) + (isLong(file) ? 0 : 1)
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => rank(a) - rank(b))
  }
}

/** Rooms whose files change nothing of their process that `test/between.ts` does not put back. */
const shared = [
  'bronze',
  'contracts',
  'engines/local',
  'exports',
  'field',
  'gold',
  'history',
  'mongo',
  'oracle',
  'rules',
]
  .concat('silver', 'trust', 'web')
  .map((room) => `test/${room}/**/*.test.ts`)

const common = {
  // By default one processor is left idle; much of a test is waiting for a server.
  maxWorkers: '100%',
  testTimeout: 300_000,
  hookTimeout: 240_000,
} as const

export default defineConfig({
  test: {
    globalSetup: ['test/setup.ts'],
    reporters: ['default', './test/reporter.ts'],
    sequence: { sequencer: LongFirst },
    maxWorkers: common.maxWorkers,
    projects: [
      // A process reads and compiles all of src once, not once for each file.
      { test: { ...common, name: 'shared', include: shared, isolate: false, setupFiles: ['test/between.ts'] } },
      {
        test: {
          ...common,
          name: 'own',
          include: ['test/**/*.test.ts'],
          // Those in test/engines/spark need a Spark: vitest.spark.config.ts runs them.
          exclude: [...shared, 'test/engines/spark/**'],
        },
      },
    ],
  },
})
