#!/usr/bin/env node
// The command. In a clone it first installs what is missing and builds what is stale; a package has no scripts.
import './node-version.js'
import { existsSync } from 'node:fs'

const setup = new URL('../scripts/setup.js', import.meta.url)
if (existsSync(setup)) await import(setup.href)
await import('../dist/cli.js')
