import { z } from 'zod'
import type { Field, Reading } from '../contracts/contract.ts'
import { path } from './paths.ts'

const word = z.union([z.string(), z.number()], { error: 'must be a text or a number' })

/** How a feed writes the values of a field, where the rule for it cannot know. */
export const readings = {
  /** What stands for a missing value, beside what does everywhere. */
  missing: z.array(word).optional(),
  /** What stands before decimals, where a text leaves it open. */
  decimal: z.enum(['.', ',']).optional(),
  /** What each number is multiplied by: 0.01 for cents. */
  scale: z.number().positive().optional(),
  /** Where the number stands that each is multiplied by: a quantity beside a price. */
  times: path.optional(),
  /** That 02/01/2024 is in February. */
  dates: z.enum(['month first']).optional(),
  /** That dates are days, which no time zone moves. */
  holds: z.enum(['day']).optional(),
}

type Readings = z.output<z.ZodObject<typeof readings>>
type Kind = Field<unknown>['kind']

export const NUMBERS: readonly Kind[] = ['money', 'count', 'fractional']
const DATES: readonly Kind[] = ['date']
const fitting: Readonly<Record<Exclude<keyof Readings, 'missing'>, { kinds: readonly Kind[]; words: string }>> = {
  decimal: { kinds: NUMBERS, words: 'is for numbers' },
  scale: { kinds: NUMBERS, words: 'is for numbers' },
  times: { kinds: NUMBERS, words: 'is for numbers' },
  dates: { kinds: DATES, words: 'is for dates' },
  holds: { kinds: DATES, words: 'is for dates' },
}

/** `an id`, `a label`. */
export function oneOf(kind: Kind): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`
}

/** What the settings say of how a field is written, or why it cannot be so. */
export function readingOf(
  { kind }: Field<unknown>,
  settings: Readings,
  report: (key: string) => (problem: string) => void,
): Reading {
  for (const key of Object.keys(fitting) as (keyof typeof fitting)[]) {
    const { kinds, words } = fitting[key]
    if (settings[key] !== undefined && !kinds.includes(kind)) {
      report(key)(`${words}, and this is ${oneOf(kind)}`)
    }
  }
  const { missing, decimal, scale, dates, holds } = settings
  return { missing, decimal, scale, dates, holds }
}
