import { describeSeveralCurrencies } from '../../gold/currencies.ts'
import type { CheckResult } from '../../runs/record.ts'
import type { Server } from '../../servers/servers.ts'
import { counted, readable } from '../../text/terminal.ts'
import { english } from '../../text/words.ts'

/** What became of documents and values on their way to silver. */
const effects = {
  duplicates: 'inserted twice',
  superseded: 'superseded',
  noId: 'without id',
  noObject: 'no objects',
  erased: 'erased',
  leftOut: 'left out',
  sharedIds: 'ids shared',
  missing: 'values missing',
  invalid: 'invalid',
  repaired: 'repaired',
}
export type Effect = keyof typeof effects

/** The words of `ask` and `start`, in English; `run` and others share some. */
export const en = {
  ...english,
  colon: ':',

  /** Questions of the package, by their names, where their SQL does not say it in this language. */
  questions: {} as Readonly<Record<string, { title: string; note: string }>>,
  column: (name: string): string => name.replace(/_pct$/, ' %').replaceAll('_', ' '),
  /** A text in an answer; what stands beneath a ranking is no data. */
  cell: (text: string, _isBeneath: boolean): string => text,
  amountsIn: (currency: string): string => `Amounts are in ${currency}.`,
  asOf: (published: string, run: string): string => `As of ${published} UTC, when the run ${run} published.`,
  ordersAreLines: 'An order may be several transactions.',
  more: (rows: string): string => `and ${rows} more: --all prints them, --csv and --json give them to other programs`,
  severalCurrencies: describeSeveralCurrencies,

  /** What is being done, or what failed. */
  told: (text: string): string => text,
  servers: 'Servers',
  origins: { configured: 'as configured', found: 'found running', lingot: "Lingot's own" } as Record<
    Server['origin'],
    string
  >,
  startedNow: 'started now',
  connect: 'Connect',
  at: 'at',

  noElements: (documents: number): string => `none: ${counted(documents, 'document')}, and no element in any`,
  noCollection: 'none: bronze has no such collection',
  emptyCollection: 'none: the collection is empty',
  documents: (all: number, empty: number): string =>
    `${counted(all, 'document')}${empty === 0 ? '' : `, ${readable(empty)} of them empty`}`,
  elements: (count: number): string => counted(count, 'element'),
  effect: (what: Effect, count: number): string => `${readable(count)} ${effects[what]}`,
  noEffect: 'nothing to repair',
  suspicion: (what: string): string => what,
  suchAs: (ids: string): string => `, such as ${ids}`,
  changed: (cause: string, count: number): string => `${readable(count)} ${cause}`,
  sinceBefore: 'Since the run before',
  removed: (collections: string): string => `The configuration has no ${collections} any more: removed from silver`,
  without: (collection: string, tables: string): string =>
    `Without ${collection} there is no ${tables}${collection === 'customers' ? "; where sales name buyers, customers: 'buyers' makes one of each" : ''}`,
  unmade: (tables: readonly string[]): string => {
    const [these, them] = tables.length === 1 ? ['table', 'it'] : ['tables', 'them']
    return `No model makes the ${these} ${tables.join(', ')} any more: \`lingot run --prune\` drops ${them}`
  },
  salesAreOf: (orders: number): string => `The sales are of ${counted(orders, 'order')}`,
  checksPassed: (passed: number, all: number): string => `${readable(passed)} of ${counted(all, 'check')} passed`,
  check: ({ name, detail }: Pick<CheckResult, 'name' | 'detail'>) => ({ name, detail }),

  sampleMade: ' (a sample, made now)',
  next: 'Next',
  /** What each command is for. */
  steps: {
    serve: 'all of it in a browser',
    'ask 1 --sql': 'the query behind an answer; --csv and --json give it to other programs',
    report: 'how far the numbers can be trusted',
    'explain --help': 'a number, back to the documents behind it',
    run: 'bronze to gold again, after the data changed',
    doctor: 'what runs where',
    down: 'end the servers; the data stays',
  },
  ownData: [
    'Your own data: set MONGODB_URI and POSTGRES_URL in .env; .env.example shows how. Where its collections or',
    'fields have other names, `lingot init` writes a lingot.config.ts that says which is which.',
  ],
}
export type Words = typeof en
