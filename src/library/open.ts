import { resolve } from 'node:path'
import { loadConfig } from '../settings/config.ts'
import { stopped, toFailure } from '../system/errors.ts'
import { openLingot } from './lingot.ts'
import type { OpenOptions, Shop } from './shop.ts'

/** Opens a shop for whoever uses the package: what somebody sees of it who does not is what they ask to be told. */
export async function openShop({ config, folder, env, ...following }: OpenOptions): Promise<Shop> {
  const { signal = new AbortController().signal, onProgress = quiet, onStep = quiet, onNote = quiet } = following
  try {
    const settings = await loadConfig(folder && resolve(folder), env, config)
    return await openLingot(settings, { signal, onProgress, onStep, onNote })
  } catch (error) {
    throw signal.aborted ? stopped(signal.reason) : toFailure(error)
  }
}

const quiet = () => undefined
