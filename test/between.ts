import { afterAll, vi } from 'vitest'

/* Files share the processes that run them: what one sets of its process is as it was before the next begins. */

const environment = { ...process.env }
const cwd = process.cwd()

afterAll(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
  process.chdir(cwd)
  for (const name of Object.keys(process.env)) if (environment[name] === undefined) delete process.env[name]
  Object.assign(process.env, environment)
})
