/// <reference lib="esnext.disposable" preserve="true" />
import type { Settings } from '../settings/config.ts'
import type { Answer, CheckResult, Explanation, Plan, Report, Run, Why } from './results.ts'

/** AbortSignal, where there is one: it comes with the types of Node or of browsers, which a program may be without. */
type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : never

/** How something that takes a while is followed, and stopped. */
export interface Following {
  /** Stops it: it ends with a `LingotError` of the kind `interrupted`, and leaves nothing half done. */
  signal?: Signal | undefined
  /** Told of what is under way, as in `transactions`, how much of it is done, and of how much. */
  onProgress?: ((what: string, done: number, total: number) => void) | undefined
  /** Told what begins. */
  onStep?: ((step: string) => void) | undefined
  /** Told what somebody should know, and is no failure. */
  onNote?: ((note: string) => void) | undefined
}

/** How a shop is opened. What is said of following it holds for all that is done with it. */
export interface OpenOptions extends Following {
  /** The settings; those of the configuration file of the folder, if not given. */
  config?: Settings | undefined
  /** Where `models/` and `questions/` lie, and `.lingot/`; where the process is, if not given. */
  folder?: string | undefined
  /** `MONGODB_URI`, `POSTGRES_URL` and the like; the environment and the folder's `.env`, if not given. */
  env?: Readonly<Record<string, string | undefined>> | undefined
}

/** What a run may do. */
export interface RunOptions extends Following {
  /** Waits for another run, and for who holds gold; true if not given. */
  wait?: boolean | undefined
  /** Lets sources through, this once, that lost most of what they held. */
  acceptShrink?: boolean | undefined
  /** Replaces layers that were made of another bronze. */
  takeOver?: boolean | undefined
  /** Drops the gold tables of this shop that no model makes any more. */
  prune?: boolean | undefined
}

export interface AggregateOptions extends RunOptions {
  /** Makes the table of one model, beside the gold in place. */
  only?: string | undefined
}

export interface CheckOptions extends Following {
  /** Rows at fault that are named of each check; a few, if not given. */
  named?: number | undefined
}

export interface AskOptions {
  /** A day, a time or a run: gold as it was then. */
  asOf?: string | undefined
}

export interface ExplainOptions {
  /** Records that are listed of each collection of silver; 10, if not given. */
  limit?: number | undefined
  /** For how many milliseconds records are read; until all are, if not given. */
  within?: number | undefined
}

export interface WhyOptions extends Pick<Following, 'signal'> {
  /** The column; the first number that differs, if not given. */
  column?: string | undefined
  /** A run, or a day as 2026-06-30; the gold before the one in place, if not given. */
  since?: string | undefined
  /** For how many milliseconds it is looked for; until it is found, if not given. */
  within?: number | undefined
}

export interface ReportOptions {
  /** Runs in the history. */
  last?: number | undefined
}

/**
 * A shop, opened: what the commands do, as functions. Whatever they throw is a `LingotError`.
 *
 *     await using shop = await open()
 *     const run = await shop.run()
 *     const [best] = await shop.ask('best_customers')
 */
export interface Shop extends AsyncDisposable {
  /** Bronze to silver, as `lingot process`. */
  process(options?: RunOptions): Promise<Run>
  /** Silver to gold, as `lingot aggregate`. */
  aggregate(options?: AggregateOptions): Promise<Run>
  /** Both, as `lingot run`. */
  run(options?: RunOptions): Promise<Run>
  /** What a run would change, without one: `lingot plan`. */
  plan(options?: Following): Promise<Plan>
  /** Builds gold of the silver in place and checks it, without publishing: `lingot check`. */
  check(options?: CheckOptions): Promise<CheckResult[]>
  /** The answers to all questions, or to the one of that number or name: `lingot ask`. */
  ask(question?: string | number, options?: AskOptions): Promise<Answer[]>
  /** A row of gold, back to its bronze documents: `lingot explain`. The subject is a customer, a month, …, or a table. */
  explain(subject: string, key: string, options?: ExplainOptions): Promise<Explanation>
  /** Why a row of gold is another than it was: `lingot why`. */
  why(subject: string, key: string, options?: WhyOptions): Promise<Why>
  /** What was done to the data: `lingot report`. */
  report(options?: ReportOptions): Promise<Report>
  readonly gold: {
    /**
     * Puts a query to gold, read-only, and gives its rows: numbers and days as exact texts, instants as Dates.
     *
     *     await shop.gold.query('select month, total_revenue from monthly_revenue where month >= $1', ['2026-01-01'])
     */
    query<Row = Record<string, string | boolean | Date | null>>(
      sql: string,
      parameters?: readonly unknown[],
    ): Promise<Row[]>
  }
  /** Stops what is under way and closes the connections, as leaving the scope of `await using` does. */
  close(): Promise<void>
}
