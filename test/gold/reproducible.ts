import { readModels } from '../../src/gold/models.ts'

/** The models whose tables are the same whichever run makes them: all but the one that names the run. */
export const reproducibleModels = readModels().filter(({ name }) => name !== 'gold_run')
export const reproducibleTables = reproducibleModels.map(({ name }) => name)
