import { z } from 'zod'
import { answer } from '../gold/questions.ts'
import { checkResult, run } from '../runs/record.ts'
import { explanation } from '../trust/explain/explanation_schema.ts'
import { report } from '../trust/report_schema.ts'
import { plan } from '../trust/why/plan_schema.ts'
import { why } from '../trust/why/why_schema.ts'

/** What the library tells, by the names of its types. */
const results = z.object({
  Run: run.meta({ id: 'Run' }),
  Plan: plan.meta({ id: 'Plan' }),
  CheckResult: checkResult.meta({ id: 'CheckResult' }),
  Answer: answer.meta({ id: 'Answer' }),
  Explanation: explanation.meta({ id: 'Explanation' }),
  Why: why,
  Report: report.meta({ id: 'Report' }),
})
export type Results = z.output<typeof results>
export type Run = Results['Run']
export type Plan = Results['Plan']
export type CheckResult = Results['CheckResult']
export type Answer = Results['Answer']
export type Explanation = Results['Explanation']
export type Why = Results['Why']
export type Report = Results['Report']

/** The JSON schema of it, for a program that writes types of it: what JSON does not have is named there by its type. */
export function resultsJsonSchema() {
  return z.toJSONSchema(results, {
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const { type } = zodSchema._zod.def
      if (type === 'date') Object.assign(jsonSchema, { tsType: 'Date' })
      if (type === 'unknown') Object.assign(jsonSchema, { tsType: 'unknown' })
      // The one class there is.
      if (type === 'custom') Object.assign(jsonSchema, { tsType: 'LingotError' })
    },
  })
}

/** The JSON schema of what `run`, `process`, `aggregate` and `erase` print with `--json`. */
export function runJsonSchema(): object {
  const schema = z.toJSONSchema(run, { unrepresentable: 'any', io: 'input' })
  return { title: 'What `lingot run --json` prints', ...schema }
}
