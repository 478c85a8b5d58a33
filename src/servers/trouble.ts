import { maskUri } from '../system/secrets.ts'

/** What keeps a server from being used, and what to do about it. */
export interface Trouble {
  trouble: string
  next: string
  /** What the driver said: it tells whether to try again. */
  cause?: unknown
}

/** A server as the user names it. */
export interface Named {
  name: 'MongoDB' | 'PostgreSQL'
  /** The setting that names a server of the user's. */
  setting: 'MONGODB_URI' | 'POSTGRES_URL' | 'POSTGRES_READER_URL' | 'POSTGRES_ASSISTANT_URL'
}

/** What the parameter of a connection string is called that names the authority of the server's certificate. */
const AUTHORITY = { MongoDB: 'tlsCAFile', PostgreSQL: 'sslrootcert' }
const CLIENT = { MongoDB: 'tlsCertificateKeyFile', PostgreSQL: 'sslcert and sslkey' }
const ON = { MongoDB: 'tls=true', PostgreSQL: 'sslmode=verify-full' }

/** What drivers say, in words of what it means; the first that fits counts. */
const troubles: { said: RegExp; means: string; next: (server: Named) => string }[] = [
  {
    said: /altnames|does not match certificate/i,
    means: 'is not the host that its certificate names',
    next: ({ setting }) =>
      `Name it in ${setting} as its certificate does; if the name is right, somebody else answers there.`,
  },
  {
    said: /certificate required|valid client certificate|peer did not return a certificate/i,
    means: 'asks for a certificate',
    next: ({ name, setting }) => `Name yours with ${CLIENT[name]} in ${setting}.`,
  },
  {
    // MongoDB says nothing to whom it does not trust.
    said: /^connection .* closed$/,
    means: 'ends the connection',
    next: ({ name, setting }) => `It may want ${ON[name]} or ${CLIENT[name]} in ${setting}; its log says what.`,
  },
  {
    said: /certificate has expired|certificate is not yet valid/i,
    means: 'has a certificate that does not count today',
    next: () => 'Renew it, or correct the clock of this machine.',
  },
  {
    said: /self-signed certificate|(local )?issuer certificate|verify the (first|leaf) (certificate|signature)/i,
    means: 'has a certificate of an authority that is not known here',
    next: ({ name, setting }) => `Name the file of the authority with ${AUTHORITY[name]} in ${setting}.`,
  },
  {
    said: /does not support SSL|wrong version number|packet length too long/i,
    means: 'does not speak TLS',
    next: ({ name, setting }) => `Turn TLS on there, or leave ${ON[name]} out of ${setting}.`,
  },
  {
    said: /ENOENT|EACCES|PEM|no start line|key values mismatch|bad decrypt|bad password read/i,
    means: 'cannot be asked',
    next: ({ setting }) => `Correct the files that ${setting} names.`,
  },
  {
    said: /Invalid URL|Invalid connection string|unescaped characters|URI malformed/i,
    means: 'has no valid address',
    next: ({ setting }) => `Percent-encode what is special in the user and password of ${setting}: @ is %40, / is %2F.`,
  },
  {
    said: /auth|password|role|does not exist|pg_hba/i,
    means: 'refuses',
    next: ({ setting }) => `Correct the user, password or database in ${setting}.`,
  },
]

const silence: (typeof troubles)[number] = {
  said: /./,
  means: 'does not answer',
  next: ({ setting }) => `Start it or correct ${setting}; without ${setting} Lingot finds or starts a server itself.`,
}

/** Why a server that the user set cannot be used, by what its driver said. */
export function troubleOf(server: Named, uri: string, said: string): Trouble {
  const reason = said.replace(/\.$/, '')
  const { means, next } = troubles.find((trouble) => trouble.said.test(reason)) ?? silence
  return { trouble: `at ${maskUri(uri)}, set by ${server.setting}, ${means}: ${reason}.`, next: next(server) }
}
