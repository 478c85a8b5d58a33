import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { askCommand, describeAnswers } from '../../src/commands/ask.ts'
import { describeRun } from '../../src/commands/run_result.ts'
import { startCommand } from '../../src/commands/start.ts'
import { en } from '../../src/commands/words/en.ts'
import { fr } from '../../src/commands/words/fr.ts'
import { readQuestions } from '../../src/gold/questions.ts'
import type { Answer, Run } from '../../src/library/results.ts'
import { bareName } from '../../src/settings/own_files.ts'
import { LingotError } from '../../src/system/errors.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { within } from './lingot.ts'

let place: Place

beforeAll(async () => {
  place = await openPlace()
  await generate(place.client, { database: place.names.bronze, seed: 42, scale: 0.1 })
})
afterAll(() => place.leave())

/** What a command prints that succeeds. */
async function printed(command: () => Promise<void>): Promise<string> {
  const { status, stdout, stderr } = await within(place.names, command)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** A number as French writes it: its spaces do not break. */
const inFrench = (number: string) => number.replaceAll(' ', '\u202f')

test('start speaks French: no line of it is an English one', async () => {
  const french = await printed(() => startCommand({ language: 'fr' }))
  const english = (await printed(() => startCommand({}))).split('\n')
  const same = french.split('\n').filter((line) => english.includes(line))
  expect(same.filter((line) => !/^(|Bronze|Silver|Gold| {2}(mongosh|psql) ".*")$/.test(line))).toEqual([])
  expect(french).not.toMatch(/\b(the|of|and|with|not|checks?|passed|missing|Unknown|revenue|unique)\b/)
  expect(french).toMatch(/Ensuite\n {2}(npx )?lingot serve +tout cela dans un navigateur/)
})

describe('ask speaks the language of', () => {
  const french = expect.stringMatching(/^2\. Quel produit rapporte le plus\u00a0\?\n/)
  const english = expect.stringMatching(/^2\. Which product brings in the most revenue\?\n/)
  test.each([
    [{}, {}, english],
    [{ language: 'fr' }, {}, french],
    [{}, { LINGOT_LANGUAGE: 'fr' }, french],
    [{ language: 'en' }, { LINGOT_LANGUAGE: 'fr' }, english],
    // The same on every machine, whatever its locale.
    [{}, { LANG: 'fr_FR.UTF-8', LC_ALL: 'fr_FR.UTF-8', LANGUAGE: 'fr' }, english],
  ] as const)('%j with %j', async (options, env, told) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    expect(await printed(() => askCommand('best_product', options))).toEqual(told)
  })
})

test('programs are told the same in every language', async () => {
  for (const how of [{ json: true }, { csv: true }, { sql: true }]) {
    const [english, french] = [
      await printed(() => askCommand('2', how)),
      await printed(() => askCommand('2', { ...how, language: 'fr' })),
    ]
    expect(french).toBe(english)
  }
})

test('what stands in an answer is French, and its numbers are exact', async () => {
  const [best, , campaigns, months] = (await printed(() => askCommand(undefined, { language: 'fr' }))).split(
    /\n\n(?=\d\.)/,
  )
  expect(best).toMatch(/^ +rang +client +nom +pays +transactions +dépensé +part\u00a0%$/m)
  expect(best).toMatch(/^ +Tous les autres clients +\d/m)
  expect(best).toMatch(/^ +Inconnu\u00a0: sans client +\d/m)
  expect(campaigns).toMatch(/^ +Inconnu\u00a0: pas de ROI pour \d+ /m)
  expect(months).toMatch(/^ +Inconnu +\d|^ +2026-\d\d +\d/m)
  const [row] = await place.gold('select total_spent from customer_metrics order by total_spent desc limit 1')
  const [, euros = '', cents] = /^(\d+)(\d{3}\.\d\d)$/.exec(String(row?.['total_spent'])) ?? []
  expect(best).toContain(inFrench(`${euros} ${cents?.replace('.', ',')}`))
})

describe('French has a text for', () => {
  test.each(readQuestions().map(({ name }) => bareName(name)))('the question %s', (name) => {
    expect(fr.questions[name]).toEqual({ title: expect.stringMatching(/\u00a0\?$/), note: expect.any(String) })
  })

  test('every column of their answers', async () => {
    const answers: { rows: object[] }[] = JSON.parse(await printed(() => askCommand(undefined, { json: true })))
    const names = new Set(answers.flatMap(({ rows }) => Object.keys(rows[0] ?? {})))
    expect(names.size).toBeGreaterThan(20)
    expect([...names].filter((name) => fr.column(name) === en.column(name))).toEqual([])
  })

  test('whatever is said beside them', () => {
    const question = {
      number: 7,
      name: '7_stores',
      title: 'Where?',
      note: 'By city.',
      sql: '',
      file: 'questions/7_stores.sql',
    }
    const answer: Answer = {
      ...question,
      columns: [
        { name: 'city', isNumber: false, type: 'text' },
        { name: 'total_transactions', isNumber: true, type: 'integer' },
      ],
      rows: Array.from({ length: 21 }, (_, i) => [i === 0 ? 'Unknown' : `City ${i}`, '1234.5']),
      asOf: { run: 'r1', published: '2026-11-01T10:00:00Z' },
      severalCurrencies: 'transactions',
    }
    const failure = new LingotError('server', 'PostgreSQL does not answer: nobody is there.')
    const told = describeAnswers([answer, { ...answer, failure }], { currency: 'EUR', hasOrders: true }, fr)
    expect(told.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ').split('\n')).toEqual([
      '7. Where?',
      '   By city.',
      '   Les montants sont en EUR.',
      '   Tel que publié le 2026-11-01 10:00:00 UTC, par le traitement r1.',
      '   Une commande peut compter plusieurs transactions.',
      '',
      '  ville    transactions',
      '  Inconnu       1 234,5',
      ...Array.from({ length: 19 }, (_, i) => `  City ${i + 1}`.padEnd(11).padEnd(16).concat('1 234,5').padStart(23)),
      '   et 1 de plus : --all les affiche, --csv et --json les donnent à d’autres programmes',
      '',
      '7. Where?',
      '   PostgreSQL ne répond pas : nobody is there.',
      '',
      '! Des montants en plusieurs devises sont additionnés comme s’il n’y en avait qu’une : transactions',
    ])
  })

  test('whatever a run did', () => {
    const nothing = { fields: {}, unnamed: [], suspicious: {}, sharedIds: 0, erased: 0, duplicates: 0, silver: 0 }
    const none = { ...nothing, bronze: 0, quarantined: { noId: 0, superseded: 0 } }
    const lists = { documents: { all: 2, empty: 1 }, bronze: 3000, silver: 2999, leftOut: 1 }
    const suspicious = { 'clicks exceed impressions': { count: 2, examples: [1] } }
    const check = { subject: 'transactions', severity: 'warn', passed: false } as const
    const run: Run = {
      ...{ run: 'r', command: 'run', started: new Date(), finished: new Date(), outcome: 'succeeded', steps: [] },
      silver: { sales: { ...none, ...lists, suspicious }, visits: none, gone: { ...none, absent: true } },
      changes: { sales: { late: 1, 'duplicate gone': 2 } },
      removed: ['coupons'],
      gold: { monthly_sales: 1000 },
      orders: 1200,
      checks: [
        { ...check, rows: [], name: 'at most 20 % unknown', detail: '25.5 %' },
        { ...check, rows: [], name: 'non negative: total_spent', detail: '1 row at fault' },
        { ...check, rows: [], name: 'inserted twice', detail: '44 of 15000 documents, with 17.50 of total_amount' },
        { ...check, rows: [], name: 'unusual days', detail: '1 of the last 7: Monday 2026-06-01 sales (1, usually 2)' },
      ],
      unmade: ['old'],
      without: { customers: ['customer_metrics'] },
    }
    expect(describeRun(run, fr).replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ').split('\n')).toEqual([
      'Silver',
      '  sales   2 documents, dont 1 vide, 3 000 éléments → 2 999 : 1 écarté',
      '  visits  rien : la collection est vide',
      '  gone    rien : bronze n’a pas cette collection',
      '  ! sales : plus de clics que d’impressions : 2, par exemple 1',
      '  Depuis le traitement précédent : sales tardif 1, doublon disparu 2',
      '  ! La configuration n’a plus coupons : retiré de silver',
      'Gold',
      '  monthly_sales 1 000',
      '  Les ventes sont de 1 200 commandes',
      '  0 contrôle réussi sur 4',
      '  ! transactions : au plus 20 % d’inconnus : 25,5 %',
      '  ! transactions : jamais négatif : total_spent : 1 ligne en faute',
      '  ! transactions : insérés deux fois : 44 documents sur 15 000, avec 17,50 de total_amount',
      expect.stringMatching(/^ {2}! transactions : jours inhabituels : 1 des 7 derniers : lundi /),
      '  ! Aucun modèle ne fait plus la table old : `lingot run --prune` la supprime',
      "  Sans customers, il n’y a pas customer_metrics ; si les ventes nomment des acheteurs, customers: 'buyers' fait un client de chacun",
    ])
  })
})
