import { execFileSync } from 'node:child_process'
import path from 'node:path'

export interface Certificate {
  /** Where the certificate and its key lie, PEM both. */
  readonly cert: string
  readonly key: string
}

export interface CertificateOptions {
  /** Of the two files in the folder. */
  readonly name?: string
  /** The host name or address it is made out to. */
  readonly host?: string
  readonly days?: number
}

/** Makes a self-signed certificate in a folder. */
export function makeCertificate(
  folder: string,
  { name = 'cert', host = 'localhost', days = 2 }: CertificateOptions = {}
): Certificate {
  const [cert, key] = [path.join(folder, `${name}.crt`), path.join(folder, `${name}.key`)]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const alternative = `subjectAltName=${/^[\d.]+$/.test(host) ? 'IP' : 'DNS'}:${host}`
  const names = ['-subj', `/CN=${host}`, '-addext', alternative]
  const files = ['-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', ...kind, '-days', `${days}`, ...names, ...files], {
    stdio: 'ignore'
  })
  return { cert, key }
}
