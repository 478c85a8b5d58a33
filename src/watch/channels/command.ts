import { spawn } from 'node:child_process'
import { tellGroup } from '../../servers/process.ts'
import { bodyOf, type Channel } from './channel.ts'

const LIMIT_MS = 30_000

/** Has a shell run a command for each alert, with its JSON on standard input. */
export function command(text: string, limitMs = LIMIT_MS): Channel {
  return {
    name: 'command of alerts',
    send: (message, signal) =>
      new Promise((resolve, reject) => {
        const child = spawn(text, {
          shell: true,
          detached: true,
          windowsHide: true,
          stdio: ['pipe', 'ignore', 'ignore'],
        })
        const end = (why: Error) => {
          tellGroup(child.pid, 'SIGKILL')
          child.kill('SIGKILL')
          reject(why)
        }
        const stop = () => end(new Error('it was stopped'))
        const limit = setTimeout(() => end(new Error(`it took more than ${limitMs / 1000} seconds`)), limitMs)
        signal.addEventListener('abort', stop)
        child.on('error', reject)
        child.on('close', (code) => {
          clearTimeout(limit)
          signal.removeEventListener('abort', stop)
          if (code === 0) resolve()
          else reject(new Error(`it ended with code ${code}`))
        })
        // It may end without having read.
        child.stdin.on('error', () => undefined)
        child.stdin.end(bodyOf(message))
      }),
  }
}
