import type { Db } from 'mongodb'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Contract } from '../contracts/contract.ts'
import type { RunRecord } from '../runs/record.ts'
import { goldOnRecord, silverInPlace } from '../runs/store.ts'
import type { Event } from '../watch/alerts.ts'
import type { StatusReader } from './status.ts'

/** What is told of a shop to who watches many. */
export interface Metrics {
  contentType: string
  /** In the text format of Prometheus. */
  read: () => Promise<string>
}

/** Of what is there and goes on, of the runs on record, and of the alerts that a watch of this process told. */
export function metrics(
  silver: Db,
  contracts: readonly Contract[],
  status: Pick<StatusReader, 'read'>,
  alerts: (() => ReadonlyMap<Event, number>) | undefined,
): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name: `lingot_${name}`, help, labelNames, registers })
  const info = gauge('info', 'The version that answers.', ['version'])
  const up = gauge('server_up', 'Whether a server answers.', ['server'])
  const running = gauge('run_running', 'Whether a run is under way, here or elsewhere.')
  const age = gauge('gold_age_seconds', 'How long ago the run began that made the gold in place.')
  const succeeded = gauge('last_run_success', 'Whether the last run succeeded.', ['command'])
  const seconds = gauge('last_run_duration_seconds', 'How long the last run took.', ['command'])
  const finished = gauge('last_run_finished_timestamp_seconds', 'When the last run ended.', ['command'])
  const steps = gauge('gold_run_step_seconds', 'How long each step took of the run that made the gold in place.', [
    'step',
  ])
  const documents = gauge('documents', 'What became of the records of bronze, of the silver in place.', [
    'collection',
    'became',
  ])
  const rows = gauge('gold_rows', 'Rows of the gold in place.', ['table'])
  const checks = gauge('gold_checks', 'Checks of the gold in place.', ['severity', 'outcome'])
  const told = new Counter({
    name: 'lingot_alerts_total',
    help: 'Alerts that the watch of this process told.',
    labelNames: ['event'],
    registers,
  })
  let known: { of: string; gold: RunRecord | null; made: RunRecord | null } | undefined

  /** What is on record changes with the gold in place and with the last run alone. */
  const records = async (of: string, run: string | null) => {
    if (known?.of === of) return known
    const [gold, made] = await Promise.all([goldOnRecord(silver, run), silverInPlace(silver, contracts)])
    known = { of, gold, made }
    return known
  }

  return {
    contentType: registry.contentType,
    async read() {
      const now = await status.read()
      const { gold, last, down } = now
      const onRecord = down.includes('mongodb')
        ? undefined
        : await records(`${gold?.run} ${last?.run}`, gold?.run ?? null)
      // From here on nothing is waited for: another reader would add to what this one counts.
      registry.resetMetrics()
      info.set({ version: now.version }, 1)
      for (const server of ['mongodb', 'postgresql'] as const) up.set({ server }, down.includes(server) ? 0 : 1)
      running.set(now.running === null ? 0 : 1)
      // What is not known is not there: nothing is as old as 0 seconds.
      if (gold === null) age.remove()
      else age.set((Date.now() - Date.parse(gold.started)) / 1000)
      if (last !== null) {
        const { command } = last
        succeeded.set({ command }, last.outcome === 'succeeded' ? 1 : 0)
        seconds.set({ command }, last.seconds)
        finished.set({ command }, Date.parse(last.started) / 1000 + last.seconds)
      }
      if (onRecord !== undefined) tellRecords(onRecord)
      for (const [event, count] of alerts?.() ?? []) told.inc({ event: event.replaceAll(' ', '_') }, count)
      return registry.metrics()
    },
  }

  function tellRecords({ gold, made }: { gold: RunRecord | null; made: RunRecord | null }): void {
    for (const { step, seconds } of gold?.steps ?? []) steps.inc({ step }, seconds)
    for (const [table, count] of Object.entries(gold?.gold ?? {})) rows.set({ table }, count)
    for (const { severity, passed } of gold?.checks ?? []) {
      checks.inc({ severity, outcome: passed ? 'passed' : 'failed' })
    }
    for (const [collection, refined] of Object.entries(made?.silver ?? {})) {
      const { bronze, silver, duplicates, quarantined, erased, leftOut = 0 } = refined
      const out = quarantined.noId + quarantined.superseded + (quarantined.noObject ?? 0)
      const all = { bronze, silver, duplicates, quarantined: out, erased, left_out: leftOut }
      for (const [became, count] of Object.entries(all)) documents.set({ collection, became }, count)
    }
  }
}
