import { z } from 'zod'
import { settingsSchema } from './config.ts'

/** The JSON schema of a configuration file as it is written. A date, which JSON does not have, is a text there. */
export async function settingsJsonSchema() {
  return z.toJSONSchema(await settingsSchema(), {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
    },
  })
}
