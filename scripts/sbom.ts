// `npm run sbom` writes what a release of Lingot is made of to sbom.cdx.json, as a CycloneDX bill of materials.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isShipped, lockedPackages } from './dependencies.ts'

interface Component {
  'bom-ref': string
  name: string
  version: string
}

/** The parts of a bill that matter here. */
export interface Bill {
  metadata: { component: Component }
  components: Component[]
  dependencies: { ref: string; dependsOn: string[] }[]
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** The shipped packages, by the lock file and the build. */
export function sbom(): Bill {
  const onWindows = process.platform === 'win32'
  const options = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
  const printed = execFileSync(onWindows ? 'npm.cmd' : 'npm', ['sbom', ...options], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: onWindows,
  })
  const bill: Bill = JSON.parse(printed)
  // npm takes the name of the folder.
  bill.metadata.component.name = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name
  return shipped(bill)
}

/** Leaves out what builds and tests Lingot; npm knows of no bundles. */
function shipped(bill: Bill): Bill {
  const names = new Set(
    lockedPackages()
      .filter(isShipped)
      .map(({ name, version }) => `${name}@${version}`),
  )
  const components = bill.components.filter(({ name, version }) => names.has(`${name}@${version}`))
  const references = new Set([bill.metadata.component, ...components].map((component) => component['bom-ref']))
  const dependencies = bill.dependencies
    .filter(({ ref }) => references.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((needed) => references.has(needed)) }))
  return { ...bill, components, dependencies }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(root, 'sbom.cdx.json')
  const bill = sbom()
  writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`)
  console.error(`${file}: ${bill.components.length} packages`)
}
