/** What keeps from a server, where it has a code that says so: each has another cure. */
const unreached: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no server has this name',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNREFUSED: 'nothing answers at this port',
  EHOSTUNREACH: 'no way leads there from this machine',
  ENETUNREACH: 'no way leads there from this machine',
  ETIMEDOUT: 'nothing answers there',
  CONNECT_TIMEOUT: 'nothing answers there',
  UND_ERR_CONNECT_TIMEOUT: 'nothing answers there',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'it answers without TLS at this port; encryption starttls or another port may be right',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody that is trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody that is trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody that is trusted here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name'
}

export function whyUnreached(code: string | undefined): string | undefined {
  return code === undefined ? undefined : unreached[code]
}
