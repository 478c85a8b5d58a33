import type { OpenOptions, Shop } from './library/shop.ts'
import type { Settings } from './settings/config.ts'

export type { Gold } from './library/gold.ts'
export type { Answer, CheckResult, Explanation, Plan, Report, Run, Why } from './library/results.ts'
export type {
  AggregateOptions,
  AskOptions,
  CheckOptions,
  ExplainOptions,
  Following,
  OpenOptions,
  ReportOptions,
  RunOptions,
  Shop,
  WhyOptions,
} from './library/shop.ts'
export type { Settings } from './settings/config.ts'
export { type Failure, LingotError } from './system/errors.ts'

/**
 * Gives `lingot.config.ts` its types in an editor; the settings come back as they are.
 *
 *     export default defineConfig({
 *       bronze: 'shop',
 *       collections: { customers: { from: 'clients', fields: { email: 'courriel' } } },
 *     })
 */
export function defineConfig(settings: Settings): Settings {
  return settings
}

/**
 * Opens a shop: its settings are those of the configuration file, unless others are given. It is closed when the scope of
 * `await using` is left, or by `close()`.
 *
 *     await using shop = await open()
 *     const { gold } = await shop.run({ onProgress: console.log })
 */
export async function open(options: OpenOptions = {}): Promise<Shop> {
  // A configuration file reads this one as well, and needs none of it.
  const { openShop } = await import('./library/open.ts')
  return openShop(options)
}
