import { goldOf } from '../src/commands/run_arguments.ts'
import { describeRun } from '../src/commands/run_result.ts'
import type { Layer } from '../src/engines/engine.ts'
import { type MakingOptions, withLingot } from '../src/library/lingot.ts'
import { loadConfig } from '../src/settings/config.ts'
import { describeFailure } from '../src/system/errors.ts'
import { type Ended, type Settings, workFolder } from './process.ts'

const folder = workFolder()

/** Makes layers as a command with these settings does, in this process, and ends as it would: in half of its time. */
export async function made(
  layer: Layer,
  settings: Settings,
  options: MakingOptions = {},
  cwd = folder,
): Promise<Ended> {
  const nothing = () => undefined
  const opening = { gold: goldOf(layer), signal: new AbortController().signal }
  const quiet = { onProgress: nothing, onStep: nothing, onNote: nothing }
  try {
    const config = await loadConfig(cwd, settings)
    const run = await withLingot(config, { ...opening, ...quiet }, (lingot) => lingot[layer](options))
    return { status: 0, stdout: describeRun(run), stderr: '' }
  } catch (error) {
    const { text, exitCode } = describeFailure(error)
    return { status: exitCode, stdout: '', stderr: text }
  }
}
