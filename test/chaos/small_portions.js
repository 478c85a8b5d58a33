// Has the built command line work in small portions, which no setting asks for: loaded before it, by --import.
import { readdirSync } from 'node:fs'

const dist = new URL('../../dist/', import.meta.url)
const common = readdirSync(dist).find((name) => /^common-.*\.js$/.test(name))
const exported = Object.values(await import(new URL(`${common}`, dist).href))
const portions = exported.find((value) => Object.hasOwn(Object(value), 'part') && Object.hasOwn(value, 'words'))
if (portions === undefined) throw new Error('The command line has no portions where it had them.')
Object.assign(portions, { documents: 50, part: 50, buckets: 7 })
