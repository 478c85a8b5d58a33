import { expect, test } from 'vitest'
import { describeMongodbLog } from '../../src/servers/mongodb_log.ts'

const line = (s: string, msg: string, attr?: object) =>
  JSON.stringify({ t: {}, s, c: 'CONTROL', msg, ...(attr && { attr }) })

test.each([
  ['nothing', '', ''],
  ['no trouble', [line('I', 'Build Info'), line('W', 'Recovering data')], ''],
  ['an error of the system', 'mongod: libssl.so.3: not there\n', 'mongod: libssl.so.3: not there'],
  [
    'a port that is taken',
    line('E', 'Error setting up listener', { error: { code: 9001, errmsg: 'Address already in use' } }),
    'Error setting up listener: Address already in use',
  ],
  [
    'a folder that is taken',
    line('F', 'Terminating', { error: 'DBPathInUse: another process holds the lock' }),
    'Terminating: DBPathInUse: another process holds the lock',
  ],
  [
    'damaged data, told twice, and what follows from it',
    [
      line('E', 'WiredTiger error message', { error: -31809, message: { ts_sec: 1, msg: 'fatal turtle' } }),
      line('E', 'WiredTiger error message', { error: -31809, message: { ts_sec: 2, msg: 'fatal turtle' } }),
      line('F', 'Fatal assertion', { msgid: 50853 }),
      line('F', '\n\n***aborting\n\n'),
      line('F', 'Writing fatal message', { message: 'Got signal: 6 (Aborted).\n' }),
    ],
    'WiredTiger error message: fatal turtle\nFatal assertion\n***aborting',
  ],
])('a log of %s', (_, log, expected) => {
  expect(describeMongodbLog([log].flat().join('\n'))).toBe(expected)
})
