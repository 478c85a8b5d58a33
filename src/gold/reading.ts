import { type Contract, columnsOf } from '../contracts/contract.ts'
import { LingotError } from '../system/errors.ts'
import { fromHere } from '../system/paths.ts'
import { queryOf } from './checks.ts'
import { declarationOf, type Intermediate, type Model, refuseHiddenReads, refuseUndeclared } from './models.ts'

/** Throws where the tests of a model of one's own read collections that it does not declare; gold's tables they may. */
export function refuseTestReads(
  model: Model,
  contracts: readonly Contract[],
  namesIn: (sql: string) => readonly string[],
): void {
  const file = declarationOf(model)
  for (const { sql } of model.tests.flatMap((test) => queryOf(model.name, test))) {
    refuseHiddenReads({ ...model, sql, file })
    refuseUndeclared({ ...model, sql }, [], contracts, (text) => {
      try {
        return namesIn(text)
      } catch {
        // What is no SQL is told with what is wrong with it, where the tests are prepared.
        return []
      }
    })
  }
}

/** Throws where a model of one's own says that a column comes from what silver does not have, or what it does not read. */
export function refuseFrom(model: Model, all: readonly Intermediate[], contracts: readonly Contract[]): void {
  const behind = (reader: Intermediate): Intermediate[] => {
    const read = all.filter(({ name }) => reader.reads['models']?.includes(name))
    return [reader, ...read.flatMap(behind)]
  }
  for (const [column, source] of Object.entries(model.from)) {
    const [collection = '', name = ''] = source.split('.')
    const contract = contracts.find((contract) => contract.collection === collection)
    const isThere = contract !== undefined && columnsOf(contract).some(([known]) => known === name)
    const isRead = behind(model).some(({ reads }) => reads[collection as keyof typeof reads]?.includes(name))
    if (isThere && isRead) continue
    throw new LingotError(
      'config',
      `The model ${model.name} says that ${column} comes from ${source}, which ${isThere ? 'it does not read' : 'silver does not have'}.`,
      `Correct from${isThere ? ' or reads' : ''} in ${fromHere(declarationOf(model))}.`,
    )
  }
}
