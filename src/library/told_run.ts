import type { RunRecord } from '../runs/record.ts'
import { plainId } from '../trust/ids.ts'
import type { Run } from './results.ts'

/** A run as it is told: ids as their digits, examples in relaxed Extended JSON. */
export function toldRun({ _id, replaced, madeOf, command, engine, started, finished, ...record }: RunRecord): Run {
  const plain = plainId(record) as Omit<Run, 'run' | 'command' | 'started' | 'finished'>
  return {
    run: _id.toHexString(),
    command,
    ...(engine !== undefined && { engine }),
    started,
    finished,
    ...plain,
    ...(replaced !== undefined && { replaced: replaced.toHexString() }),
    ...(madeOf !== undefined && { madeOf: madeOf.toHexString() }),
  }
}
