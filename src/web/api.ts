import { z } from '@hono/zod-openapi'
import { goldTypes } from '../postgres/reader.ts'
import { outcomes } from '../runs/record.ts'
import { report } from '../trust/report_schema.ts'

/**
 * What the page and the server tell each other. Values of gold travel as the exact texts that PostgreSQL gives; times
 * are UTC, as ISO 8601.
 */

export const grains = ['day', 'week', 'month', 'quarter'] as const
export type Grain = (typeof grains)[number]

/** A value of a filter, or several. */
const values = z.union([z.string().max(500), z.array(z.string().max(500)).max(50)])

/** What every shop's views are narrowed to; it lives in the address of a page and of its data alike. */
export const filters = z.object({
  /** `all`, the last whole months with sales as `12m`, a year, a month, a day, or months or days from and to. */
  period: z
    .string()
    .regex(
      /^(all|\d{1,3}m|\d{4}(-\d\d(\.\.\d{4}-\d\d)?)?|\d{4}-\d\d-\d\d(\.\.\d{4}-\d\d-\d\d)?)$/,
      'must be all, 12m, 2025, 2025-03, 2025-01..2025-06 or 2025-03-10..2025-04-02',
    )
    .default('12m')
    .openapi({ example: '12m' }),
  /**
   * What it is compared with: the period right before, the same one a year before, nothing, or a month, months or days.
   * Where it is not said: a year before from six months on and for a year, else right before.
   */
  compare: z
    .string()
    .regex(
      /^(before|year|none|\d{4}-\d\d(\.\.\d{4}-\d\d)?|\d{4}-\d\d-\d\d(\.\.\d{4}-\d\d-\d\d)?)$/,
      'must be before, year, none, or a period such as 2025-01..2025-06',
    )
    .optional()
    .openapi({ example: 'year' }),
  /** What revenue over time is added up by. */
  grain: z.enum(grains).optional(),
  /** One, or several: `country=France&country=Suisse`. */
  country: values.optional().openapi({ example: 'France' }),
  product: values.optional().openapi({ example: 'Laptop' }),
  /** Of what `Unknown` is left out: `country`, `product`, or a filter of the shop's own as `filter.category`. */
  known: values.optional().openapi({ example: 'country' }),
  /** `net` leaves out sales that are Cancelled or Refunded. */
  revenue: z.enum(['gross', 'net']).optional(),
  /** A day, a time or a run: gold as it was then. */
  asOf: z.string().max(40).optional().openapi({ example: '2026-11-01' }),
})
/** What a view is narrowed to; `kept` are the shop's own filters, whose names an address writes behind `filter.`. */
export interface Filters extends z.infer<typeof filters> {
  kept?: Readonly<Record<string, string | readonly string[]>>
}

/** The rows of a query on gold. */
export const rows = z
  .object({
    columns: z.array(z.object({ name: z.string(), type: z.enum(goldTypes) })),
    rows: z.array(z.array(z.string().nullable())),
  })
  .openapi('Rows')
export type Rows = z.infer<typeof rows>

/** The rows behind a chart, and the query that they come from, its parameters filled in. */
export const figure = rows
  .extend({
    sql: z.string(),
    /** Where all rows are, as CSV, if there are more than are given. */
    csv: z.string().nullable(),
    /** The tables of gold that it is read from. */
    reads: z.array(z.string()),
  })
  .openapi('Figure')
export type Figure = z.infer<typeof figure>

/** The run that made the gold in place. */
export const goldRun = z
  .object({
    run: z.string(),
    started: z.string(),
    /** What of silver names several currencies, which gold adds up as if they were one. */
    severalCurrencies: z.string().nullable(),
    /** The last whole day of sales; null where no sale has a date, or an older version made the gold. */
    completeUntil: z.string().nullable(),
  })
  .openapi('GoldRun')
export type GoldRun = z.infer<typeof goldRun>

/** The run whose gold is shown, where an earlier one than the one in place was asked for. */
const asOf = z.object({ run: z.string(), published: z.string() }).optional()

/** A month as `2025-03`. */
const month = z.string()

export const months = z.object({ from: month, to: month }).openapi('Months')

/** The first and the last day, as `2025-03-31`. */
const days = z.object({ from: z.string(), to: z.string() }).openapi('Days')

/** A period resolved. Without months and days it is all time, with the sales that have no date. */
export const period = z
  .object({
    name: z.string(),
    months: months.nullable(),
    /** Where it is no whole months. */
    days: days.nullable(),
    /** What it is compared with, in months or days as it is; null where it is not, or the data does not reach back so far. */
    before: z.union([months, days]).nullable(),
    /** How that was chosen. */
    compare: z.enum(['before', 'year', 'range']).nullable(),
    /** Whether it is the whole months that days are of, where days are not known. */
    isWidened: z.boolean(),
    /** Whether it reaches beyond what is known whole, and is not compared for that. */
    isIncomplete: z.boolean(),
    /** The days that are known of the month that is not over in the data, where it is of the period or follows it. */
    incomplete: days.nullable(),
    /** What revenue over time is added up by, of what is offered. */
    grain: z.enum(grains),
    grains: z.array(z.enum(grains)),
  })
  .openapi('Period')
export type Period = z.infer<typeof period>

export const pages = ['overview', 'customers', 'products', 'campaigns', 'countries', 'trust'] as const
export type PageName = (typeof pages)[number]

/** All that a page shows of gold, read in one moment. */
export const page = z
  .object({
    gold: goldRun,
    period,
    /** By name of the query in `src/web/figures/PAGE/NAME.sql`. */
    figures: z.record(z.string(), figure),
    /** What cannot be known of what is chosen, and is empty in the figures: it does not add up. */
    unanswered: z.array(z.enum(['customers', 'orders', 'scores', 'products'])),
    asOf,
  })
  .openapi('Page')
export type Page = z.infer<typeof page>

/** Names with commas between them. */
const names = z.string().regex(/^[\w.]{1,100}(,[\w.]{1,100}){0,9}$/, 'must be names with commas between them')

/** What is asked without SQL, by names of the catalogue; it lives in the address of the page and of its data alike. */
export const selection = z.object({
  /** One to four. */
  measures: names.openapi({ example: 'revenue,orders' }),
  /** What a row is of: one or two dimensions. */
  by: names.openapi({ example: 'month' }),
  /** What the columns are of. */
  across: z.string().max(100).optional().openapi({ example: 'country' }),
  /** A measure or a dimension of the rows, with a `-` before it for the largest first. */
  sort: z.string().max(101).optional().openapi({ example: '-revenue' }),
  /** How many rows are wanted. */
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
export type Selection = z.infer<typeof selection>

export const subjects = ['sales', 'customers', 'campaigns'] as const
export type SubjectName = (typeof subjects)[number]

/** What can be asked without SQL. */
export const catalogue = z
  .object({
    subjects: z.array(
      z.object({
        name: z.enum(subjects),
        /** The page whose filters narrow it. */
        page: z.enum(['explore', 'customers', 'campaigns']),
        measures: z.array(
          z.object({
            name: z.string(),
            type: z.enum(['money', 'integer', 'decimal', 'percent']),
            meaning: z.string(),
            /** Whether values of parts are parts of the value of all of them. */
            addsUp: z.boolean(),
            /** Whether it tells what was taken back, which net leaves out. */
            isGross: z.boolean(),
          }),
        ),
        dimensions: z.array(
          z.object({
            name: z.string(),
            /** Labels are sorted by what is measured, the others by themselves. */
            kind: z.enum(['time', 'scale', 'label']),
            meaning: z.string(),
          }),
        ),
        /** What is held together: a choice can be answered if one of these has all of it. */
        tables: z.array(
          z.object({
            name: z.string(),
            measures: z.array(z.string()),
            dimensions: z.array(z.string()),
            /** What it can be narrowed by, as in `period`, `product`, `filter.category`, or `revenue` for net. */
            narrowedBy: z.array(z.string()),
          }),
        ),
      }),
    ),
    /** How many columns there are at most, beside one for all others. */
    mostColumns: z.number(),
  })
  .openapi('Catalogue')
export type Catalogue = z.infer<typeof catalogue>
export type Subject = Catalogue['subjects'][number]

/** The answer to a selection: a row for each cell, whose column is null where it is of all other columns together. */
export const explored = figure
  .extend({
    gold: goldRun,
    period,
    unanswered: page.shape.unanswered,
    asOf,
    /** What it is of, as it was asked. */
    measures: z.array(z.string()),
    by: z.array(z.string()),
    across: z.string().nullable(),
    /** Whether there are more rows than are given. */
    isCut: z.boolean(),
  })
  .openapi('Explored')
export type Explored = z.infer<typeof explored>

/** What there is to choose from. */
export const choices = z
  .object({
    months: months.nullable(),
    countries: z.array(z.string()),
    products: z.array(z.string()),
    /** The shop's own filters, of what they are fields, and their most frequent values. */
    filters: z.array(
      z.object({ collection: z.string(), name: z.string(), meaning: z.string(), values: z.array(z.string()) }),
    ),
    /** What charts tell apart by colour, the best of all time first: a thing keeps its colour, whatever is chosen. */
    standing: z.object({
      product: z.array(z.string()),
      country: z.array(z.string()),
      campaign_type: z.array(z.string()),
    }),
    /** Pages that would show nothing, whatever is chosen. */
    empty: z.array(z.enum(pages)),
    /** Since when it is known what gold was; null where no history is kept. */
    knownSince: z.string().nullable(),
  })
  .openapi('Choices')
export type Choices = z.infer<typeof choices>

const named = z.object({ name: z.string() })

/** What a shop aims at and what happened, as its `lingot.marks.yml` says. */
export const marks = z
  .object({
    goals: z.array(
      named.extend({
        measure: z.enum(['revenue', 'orders']),
        by: z.enum(grains),
        value: z.number(),
        from: month.nullable(),
        to: month.nullable(),
      }),
    ),
    /** First and last day of each. */
    events: z.array(named.extend({ from: z.string(), to: z.string() })),
    notes: z.array(z.object({ month, text: z.string() })),
    /** Addresses of pages that all who look at the shop have in common. */
    views: z.array(named.extend({ address: z.string() })),
  })
  .openapi('Marks')
export type Marks = z.infer<typeof marks>

/** A run that is under way, here or elsewhere. */
export const running = z
  .object({
    run: z.string(),
    command: z.string(),
    host: z.string(),
    since: z.string(),
    /** What it does now, as in `clean transactions`; null where it does not tell. */
    step: z.string().nullable(),
    /** How far that is. */
    done: z.number().nullable(),
    total: z.number().nullable(),
    /** Whether it was started from here, so that it can be stopped from here. */
    isOwn: z.boolean(),
  })
  .openapi('Running')

export const lastRun = z
  .object({
    run: z.string(),
    command: z.string(),
    started: z.string(),
    seconds: z.number(),
    outcome: outcomes,
    /** Why it failed. */
    failure: z.string().nullable(),
    /** Whether it failed because it was told to stop. */
    wasStopped: z.boolean(),
    /** How many orders more than before are in its gold; null where it made none, or there is nothing to compare with. */
    moreOrders: z.number().nullable(),
    /** How its checks went. */
    checks: z.object({ passed: z.number(), all: z.number() }).nullable(),
  })
  .openapi('LastRun')

/** What is there and what goes on: read once, then told whenever it changes. */
export const status = z
  .object({
    version: z.string(),
    /** The gold in place; null where there is none, or PostgreSQL does not answer. */
    gold: goldRun.nullable(),
    running: running.nullable(),
    last: lastRun.nullable(),
    /** What does not answer. */
    down: z.array(z.enum(['mongodb', 'postgresql'])),
    /** Whether a run may be started from here, by who has the token. */
    canRun: z.boolean(),
    /** Whether statements of one's own may be put to gold from here, if need be by who has the token. */
    canAsk: z.boolean(),
    /** What amounts are in, where the settings say so. */
    currency: z.string().nullable(),
  })
  .openapi('Status')
export type Status = z.infer<typeof status>

/** How the table of customers is cut. */
export const customersQuery = z.object({
  country: filters.shape.country,
  known: filters.shape.known,
  asOf: filters.shape.asOf,
  /** Part of a name, a city or an id. */
  search: z.string().max(200).default(''),
  sort: z
    .enum([
      'total_spent',
      'total_transactions',
      'avg_transaction_amount',
      'first_purchase_date',
      'last_purchase_date',
      'full_name',
      'customer_id',
      'country',
      'city',
    ])
    .default('total_spent'),
  order: z.enum(['asc', 'desc']).default('desc'),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type CustomersQuery = z.infer<typeof customersQuery>

/** What is known of one customer. */
export const customer = rows.extend({ sql: z.string(), gold: goldRun, asOf }).openapi('Customer')
export type Customer = z.infer<typeof customer>

export const customers = figure.extend({ gold: goldRun, total: z.number(), asOf }).openapi('Customers')
export type Customers = z.infer<typeof customers>

/** A text of SQL that can be read here. */
export const query = z
  .object({
    kind: z.enum(['question', 'model', 'figure']),
    /** As in `1_best_customers`, `monthly_revenue` or `overview/totals`. */
    name: z.string(),
    /** Its first comment line, or the description of the model. */
    title: z.string(),
    note: z.string(),
    sql: z.string(),
    /** What a model is made of is not in PostgreSQL: this asks for its table. */
    ask: z.string().nullable(),
    /** The columns of the table that a model makes. */
    columns: z.array(z.string()),
  })
  .openapi('Query')
export type Query = z.infer<typeof query>

/** A table that may be asked, and what stands in it. */
export const table = z
  .object({
    name: z.string(),
    /** What its model says that it holds; null of a table that no model makes. */
    description: z.string().nullable(),
    /** Those that may be read. */
    columns: z.array(
      z.object({
        name: z.string(),
        /** As PostgreSQL writes it: `numeric(38,2)`. */
        type: z.string(),
        meaning: z.string().nullable(),
        /** Whether it tells who somebody is. */
        isPersonal: z.boolean(),
      }),
    ),
  })
  .openapi('Table')
export type Table = z.infer<typeof table>

export const statement = z.object({ sql: z.string().min(1).max(100_000) })

export const result = rows
  .extend({
    /** Whether there are more rows than are given. */
    isCut: z.boolean(),
    seconds: z.number(),
  })
  .openapi('Result')
export type Result = z.infer<typeof result>

/** The run that was started; without its id where it ended before that was seen. */
export const started = z.object({ run: z.string().optional() }).openapi('Started')
export type Started = z.infer<typeof started>

/** What went wrong, and what to do: problem details after RFC 9457, whose `kind` says more than the status. */
export const problem = z
  .object({
    type: z.literal('about:blank'),
    /** What the status is called. */
    title: z.string(),
    status: z.number(),
    /** What went wrong. */
    detail: z.string(),
    /** One of the kinds of failure. */
    kind: z.string(),
    /** What to do. */
    next: z.string().nullable(),
    /** The character of a statement that PostgreSQL stumbles over, from 1. */
    position: z.number().optional(),
  })
  .openapi('Problem')
export type Problem = z.infer<typeof problem>

/** The answers to the questions that `lingot ask` puts to gold. */
export const answers = z
  .object({
    gold: goldRun,
    asOf,
    answers: z.array(
      rows.extend({
        number: z.number(),
        name: z.string(),
        title: z.string(),
        note: z.string(),
        sql: z.string(),
        /** The tables of gold that it is read from. */
        reads: z.array(z.string()),
        /** Whether it is none of the five that come with Lingot. */
        isOwn: z.boolean(),
        /** Whether there are more rows than are given. */
        isCut: z.boolean(),
        /** Where all rows are then, as CSV. */
        csv: z.string().nullable(),
        /** Why there is none. */
        problem: problem.nullable(),
      }),
    ),
  })
  .openapi('Answers')
export type Answers = z.infer<typeof answers>

/** How far each table of gold can be trusted, by its name. */
export const trusted = z
  .record(
    z.string(),
    z.object({
      checks: z.object({ passed: z.number(), all: z.number() }),
      /** Whether its revenue and what it leaves out are all revenue, to the cent; null where it has none. */
      addsUp: z.boolean().nullable(),
      /** Which part of all revenue it holds as unknown, or leaves out. */
      unknownPct: z.number().nullable(),
    }),
  )
  .openapi('Trusted')
export type Trusted = z.infer<typeof trusted>

/** What was done to the data: `lingot report --json` with the last 30 runs, the quarantine and the way of each column. */
export const trust = report
  .extend({
    quarantine: z.array(z.object({ collection: z.string(), reason: z.string(), documents: z.number() })),
    lineage: z.object({
      /** Each column of gold, and the columns of silver that it is worked out from. */
      gold: z.array(
        z.object({
          table: z.string(),
          column: z.string(),
          meaning: z.string(),
          /** As in `transactions.amount`; a count of documents reads none; null where it is not written down. */
          reads: z.array(z.string()).nullable(),
        }),
      ),
      /** Each column of silver, and the field of bronze that it is cleaned from. */
      silver: z.array(
        z.object({
          collection: z.string(),
          column: z.string(),
          type: z.enum(['text', 'money', 'count', 'fractional', 'rate', 'date', 'flag']),
          /** The kind of rule; null for a column that silver adds. */
          rule: z.string().nullable(),
          meaning: z.string(),
          /** What stands where bronze has no good value. */
          default: z.union([z.string(), z.number(), z.boolean()]).nullable(),
          /** Whether it may identify a person. */
          personal: z.boolean(),
          /** As in `customers.email`; null for a column that silver adds. */
          bronze: z.string().nullable(),
          /** The columns of silver that such an added one is worked out from. */
          reads: z.array(z.string()),
        }),
      ),
    }),
  })
  .openapi('Trust')
/** As it travels: what is a Date in the report is a text here. */
export type Trust = z.input<typeof trust>

/** What a report file carries with it: the answers of the API, by address. */
export interface Carried {
  filters: Filters
  currency: string | null
  answers: Readonly<Record<string, unknown>>
}
