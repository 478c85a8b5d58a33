import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** Files of an authority and of what it has signed. */
export interface Certificates {
  ca: string
  /** Of a server called localhost. */
  server: { cert: string; key: string; both: string }
  client: { cert: string; key: string; both: string }
  /** An authority that has signed nothing. */
  otherCa: string
}

/** Makes certificates in a folder, as a company with an authority of its own has them. */
export function makeCertificates(folder: string): Certificates {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const authority = (name: string) => {
    openssl('req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`)
    return join(folder, `${name}.pem`)
  }
  const signed = (name: string, subject: string, extension: string) => {
    writeFileSync(join(folder, `${name}.ext`), extension)
    openssl('req', ...newKey, '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`]
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`)
    const [cert, key, both] = ['pem', 'key', 'both'].map((ending) => join(folder, `${name}.${ending}`)) as [
      string,
      string,
      string,
    ]
    writeFileSync(both, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'))
    chmodSync(key, 0o600)
    chmodSync(both, 0o600)
    return { cert, key, both }
  }
  const ca = authority('ca')
  return {
    ca,
    server: signed('server', '/O=Shop/CN=server', 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth'),
    client: signed('client', '/O=Lingot/CN=client', 'extendedKeyUsage=clientAuth'),
    otherCa: authority('other'),
  }
}
