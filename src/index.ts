import type { Settings } from './settings/config.ts'

export type { Settings } from './settings/config.ts'

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
