import { join } from 'node:path'
import { makeHome } from '../servers/home.ts'
import { type Config, loadConfig } from '../settings/config.ts'
import { kindOf } from '../system/errors.ts'
import { ownCommand } from '../system/launch.ts'
import { fromHere } from '../system/paths.ts'
import { openTerminal, type Terminal } from '../text/terminal.ts'
import { followBronze } from '../watch/changes.ts'
import { channelsOf, teller } from '../watch/channels/channels.ts'
import { runner } from '../watch/run.ts'
import { type ScheduleOptions, scheduleOf } from '../watch/schedule.ts'
import { type Watch, watch } from '../watch/watch.ts'
import { interruptible } from './interruption.ts'

export interface WatchArguments extends ScheduleOptions {
  /** Where the health file is; in the home folder if not given. */
  health?: string | undefined
}

/** `lingot watch`: runs, whenever they are due, until Ctrl-C. */
export async function watchCommand(options: WatchArguments): Promise<void> {
  let watching: Watch | undefined
  try {
    await interruptible(async (signal) => {
      const [config, terminal] = await Promise.all([loadConfig(), openTerminal()])
      watching = await startWatch(config, options, { terminal, signal })
      // What ends with a run that was stopped ends as a run does that is stopped.
      if (await watching.ended) throw signal.reason
    })
  } catch (error) {
    // A run takes a moment to stop.
    if (kindOf(error) !== 'interrupted' || watching === undefined || (await watching.ended)) throw error
  }
}

/** Starts a watch; throws where its options, its settings or its file are wrong. */
export async function startWatch(
  config: Readonly<Config>,
  { health, ...when }: WatchArguments,
  { terminal, signal }: { terminal: Terminal; signal: AbortSignal },
): Promise<Watch> {
  const onNote = terminal.note
  const schedule = await scheduleOf(when, config.timeZone)
  const channels = await channelsOf(config)
  if (health === undefined) makeHome(config.home)
  const file = health ?? join(config.home, 'watch.json')
  const onSaid = (text: string) => {
    for (const line of text.trimEnd().split('\n')) onNote(line)
  }
  const follow = (onChange: () => void) => followBronze(config, { onChange, onNote, signal })
  const watching = await watch({
    schedule,
    file,
    run: runner(config, { command: ownCommand(), onSaid, onNote }),
    tell: teller(channels, config, onNote),
    follow: schedule.onChange ? follow : undefined,
    print: terminal.print,
    onNote,
    signal,
  })
  const told = channels.map(({ name }) => name).join(', ')
  terminal.note(
    `Watching ${config.bronze}: runs ${schedule.described}; health in ${fromHere(file)}; alerts ${told === '' ? 'here alone' : `by ${told}`}.`,
  )
  return watching
}
