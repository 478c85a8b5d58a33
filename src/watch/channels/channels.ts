import { randomUUID } from 'node:crypto'
import type { Config } from '../../settings/config.ts'
import { reasonOf } from '../../system/errors.ts'
import type { Alert } from '../alerts.ts'
import type { Channel, Message } from './channel.ts'

/** Tells everybody of some alerts; whether each was told to anybody. */
export type Tell = (alerts: readonly Alert[], signal: AbortSignal) => Promise<boolean>

type Shop = Pick<Config, 'bronze' | 'silver' | 'goldSchema'>

/** The channels that the settings name; throws where one cannot work. */
export async function channelsOf({ alerts }: Pick<Config, 'alerts'>): Promise<Channel[]> {
  const { webhook: posted, mail: mailed, command: run } = alerts
  return Promise.all([
    ...(posted ? [import('./webhook.ts').then(({ webhook }) => webhook(posted))] : []),
    ...(mailed ? [import('./mail.ts').then(({ mail }) => mail(mailed))] : []),
    ...(run === undefined ? [] : [import('./command.ts').then(({ command }) => command(run))]),
  ])
}

/** One that fails is noted, and keeps nothing from the others. */
export function teller(channels: readonly Channel[], shop: Shop, onNote: (note: string) => void): Tell {
  const places = `${shop.bronze} → ${shop.silver} → ${shop.goldSchema}`
  const tell = async (alert: Alert, signal: AbortSignal) => {
    const message: Message = {
      ...alert,
      id: `msg_${randomUUID()}`,
      at: new Date(),
      shop: places,
      text: [`Lingot, ${places}: ${alert.event}`, alert.title, ...alert.lines].join('\n'),
    }
    const sent = channels.map(async ({ name, send }) => {
      try {
        await send(message, signal)
        return true
      } catch (error) {
        if (!signal.aborted) onNote(`The ${name} was not told of "${alert.event}": ${reasonOf(error)}.`)
        return false
      }
    })
    return channels.length === 0 || (await Promise.all(sent)).includes(true)
  }
  return async (alerts, signal) => {
    const told: boolean[] = []
    // One after the other: who reads them finds them in their order.
    for (const alert of alerts) told.push(await tell(alert, signal))
    return told.every(Boolean)
  }
}
