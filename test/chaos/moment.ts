import { setTimeout } from 'node:timers/promises'
import type { Db } from 'mongodb'
import type pg from 'pg'
import { runsOf } from '../../src/runs/ownership.ts'
import { silverNames } from './contents.ts'
import type { Event, Moment } from './plan.ts'

/** Where a run is seen at work. */
export interface Scene {
  silver: Db
  postgres: pg.Client
  /** What a run usually takes. */
  usualMs: number
  /** Whether the run has ended, which an event may come too late for. */
  hasEnded: () => boolean
}

/** Waits for the moment; false when the run ended first. */
export async function reached(moment: Moment, scene: Scene): Promise<boolean> {
  if ('share' in moment) {
    await setTimeout(moment.share * scene.usualMs)
  } else {
    const hasCome = events(scene)[moment.event]
    while (!(await hasCome())) {
      if (scene.hasEnded()) return false
      await setTimeout(1)
    }
    await setTimeout(moment.afterMs)
  }
  return !scene.hasEnded()
}

function events({ silver, postgres }: Scene): Record<Event, () => Promise<boolean>> {
  return {
    async 'it stages silver'() {
      return (await silver.listCollections({ name: /^next\./ }, { nameOnly: true }).toArray()).length > 0
    },
    async 'it writes gold'() {
      return (await backendOf(postgres)) !== undefined
    },
    'it begins to swap': () => isSwapping(silver),
    async 'it has swapped a collection'() {
      if (!(await isSwapping(silver))) return false
      return new Set((await runsOf(silver, silverNames)).values()).size > 1
    },
  }
}

async function isSwapping(silver: Db): Promise<boolean> {
  return (await silver.collection('lock').findOne({ swap: { $exists: true } })) !== null
}

/** The process of PostgreSQL that serves a run which is at work on gold. */
export async function backendOf(postgres: pg.Client): Promise<number | undefined> {
  const { rows } = await postgres.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'lingot' and backend_xid is not null limit 1`,
  )
  return rows[0]?.pid
}
