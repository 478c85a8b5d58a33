import { createHmac, hash } from 'node:crypto'
import type { Contract } from '../contracts/contract.ts'
import type { Config } from '../settings/config.ts'
import { packageVersion } from '../system/package.ts'
import type { SilverMaking } from './entries.ts'

/** By what silver is made. */
export function silverMaking({
  contracts,
  phoneRegion,
  pii,
}: Pick<Config, 'contracts' | 'phoneRegion' | 'pii'>): SilverMaking {
  const parts = contracts.flatMap((contract): [string, string][] => {
    const { collection, fields, ...rest } = contract
    const own = Object.entries(fields).map(([name, field]): [string, string] => [
      `${collection}.${name}`,
      hashed(field),
    ])
    return [[collection, hashed(withoutMeaning(rest))], ...own]
  })
  return {
    version: packageVersion(),
    settings: { phoneRegion: hashed(phoneRegion), 'pii.method': hashed(pii.method), ...markOf(pii) },
    contracts: Object.fromEntries(parts),
  }
}

/** Tells one key from another, and neither is found by it. */
function markOf({ method, key }: Config['pii']): Record<string, string> {
  if (method === 'md5' || key === undefined) return {}
  return { 'pii key': createHmac('sha256', key).update('which key it is').digest('hex').slice(0, 12) }
}

/** What words tell people changes no value. */
function withoutMeaning({ derived, ...rest }: Partial<Contract>): unknown {
  return { ...rest, derived: Object.keys(derived ?? {}) }
}

function hashed(what: unknown): string {
  return hash('md5', JSON.stringify(what, (key, value) => (key === 'meaning' ? undefined : value)) ?? '').slice(0, 12)
}

/** Which rules of a collection are others than they were, in the words of who set them. */
export function changedRules(before: SilverMaking, now: SilverMaking, collection: string): string[] {
  const names = new Set([...Object.keys(before.contracts), ...Object.keys(now.contracts)])
  const isOf = (name: string) => name === collection || name.startsWith(`${collection}.`)
  const contracts = [...names].filter((name) => isOf(name) && before.contracts[name] !== now.contracts[name])
  const settings = Object.keys(now.settings).filter((name) => before.settings[name] !== now.settings[name])
  return [
    ...(before.version === now.version ? [] : [`Lingot ${before.version} → ${now.version}`]),
    ...contracts.map((name) => `contract of ${name}`),
    ...settings.map((name) => `configuration: ${name}`),
  ]
}
