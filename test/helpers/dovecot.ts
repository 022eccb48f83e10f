/** A mail server with mailboxes: Debian's Dovecot on loopback, in a folder of its own. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { ImapFlow } from 'imapflow'
import { makeCertificate } from './certificate.ts'
import { freePort } from './ports.ts'
import { until } from './until.ts'

export const PASSWORD = 'a-long-password'

export interface Dovecot {
  readonly port: number
  /** Of the port for TLS, whose certificate is nobody else's. */
  readonly tlsPort: number
  /** The file of that certificate. */
  readonly certificate: string
  /**
   * Puts a mail into the folder of a user, as the last one there. @param came what the server will
   * say of its coming
   */
  deliver(user: string, mail: string | Uint8Array, options?: Delivery): string
  /** A client that is signed in and has the folder open. */
  client(user: string, folder?: string): Promise<ImapFlow>
  start(): Promise<void>
  /** SIGKILL, with all sessions. */
  kill(): Promise<void>
  /** The server numbers the messages of a user anew, as after a restored backup. */
  renumber(user: string): void
  remove(): Promise<void>
}

interface Delivery {
  readonly folder?: string
  readonly came?: Date
}

/** Where the server asks about tokens, and the ways of signing in with one that it offers. */
export interface TokenSignIn {
  readonly introspection: string
  readonly mechanisms: string
}

/** @param tokens signing in is by token, not by password */
export async function openDovecot(tokens?: TokenSignIn): Promise<Dovecot> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-dovecot-'))
  fs.chmodSync(root, 0o755)
  const account = mailAccount()
  const [port, tlsPort] = [await freePort(), await freePort()]
  const { cert: certificate } = makeCertificate(root, { host: '127.0.0.1' })
  for (const name of ['run', 'state', 'mail']) fs.mkdirSync(path.join(root, name))
  fs.chownSync(path.join(root, 'mail'), account.uid, account.gid)
  fs.writeFileSync(path.join(root, 'tokens.conf'), tokenConfig(tokens?.introspection ?? ''))
  fs.writeFileSync(
    path.join(root, 'dovecot.conf'),
    serverConfig(root, { port, tlsPort }, account, tokens)
  )
  let server: ChildProcess | undefined
  let delivered = 0
  async function start() {
    server = spawn('dovecot', ['-F', '-c', path.join(root, 'dovecot.conf')], {
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
      stdio: 'ignore',
      detached: true
    })
    await until(() => greets(port))
  }
  async function kill() {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const ended = new Promise((resolve) => server!.once('exit', resolve))
    process.kill(-server.pid!, 'SIGKILL')
    await ended
    await until(async () => !(await greets(port)))
  }
  const folderOf = (user: string, folder = 'INBOX') =>
    path.join(root, 'mail', user, folder === 'INBOX' ? '' : `.${folder}`)
  await start()
  return {
    port,
    tlsPort,
    certificate,
    start,
    kill,
    deliver(user, mail, { folder, came = new Date() } = {}) {
      const home = folderOf(user, folder)
      for (const name of ['', 'tmp', 'new', 'cur'])
        makeFolder(path.join(home, name), account, path.join(root, 'mail'))
      delivered += 1
      // The server numbers new files by the time in their names.
      const name = `${1_700_000_000 + delivered}.M1P1.evenhand`
      const file = path.join(home, 'tmp', name)
      fs.writeFileSync(file, mail)
      fs.chownSync(file, account.uid, account.gid)
      fs.utimesSync(file, came, came)
      fs.renameSync(file, path.join(home, 'new', name))
      return path.join(home, 'new', name)
    },
    async client(user, folder = 'INBOX') {
      const client = new ImapFlow({
        host: '127.0.0.1',
        port,
        secure: false,
        doSTARTTLS: false,
        logger: false,
        auth: { user, pass: PASSWORD }
      })
      client.on('error', () => undefined)
      await client.connect()
      await client.mailboxOpen(folder)
      return client
    },
    renumber(user) {
      const home = folderOf(user)
      for (const name of fs.readdirSync(home))
        if (/^dovecot[.-](?:uidlist|index)/.test(name)) fs.rmSync(path.join(home, name))
    },
    async remove() {
      await kill()
      fs.rmSync(root, { recursive: true, force: true })
    }
  }
}

interface Account {
  readonly uid: number
  readonly gid: number
  readonly user: string
  readonly group: string
}

/** Dovecot serves no mail of root. */
function mailAccount(): Account {
  const say = (...args: string[]) => execFileSync('id', args).toString().trim()
  const who = process.getuid?.() === 0 ? ['nobody'] : []
  return {
    uid: Number(say('-u', ...who)),
    gid: Number(say('-g', ...who)),
    user: say('-un', ...who),
    group: say('-gn', ...who)
  }
}

function makeFolder(folder: string, { uid, gid }: Account, below: string): void {
  if (folder === below || fs.existsSync(folder)) return
  makeFolder(path.dirname(folder), { uid, gid } as Account, below)
  fs.mkdirSync(folder)
  fs.chownSync(folder, uid, gid)
}

function serverConfig(
  root: string,
  { port, tlsPort }: { readonly port: number; readonly tlsPort: number },
  account: Account,
  tokens?: TokenSignIn
): string {
  return `
base_dir = ${root}/run
state_dir = ${root}/state
log_path = ${root}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${root}/cert.crt
ssl_key = <${root}/cert.key
disable_plaintext_auth = no
auth_mechanisms = ${tokens?.mechanisms ?? 'plain login'}
auth_failure_delay = 0
default_internal_user = ${account.user}
default_internal_group = ${account.group}
default_login_user = ${account.user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:${root}/mail/%n
mail_max_userip_connections = 50
passdb {
  driver = ${tokens ? 'oauth2' : 'static'}
  args = ${tokens ? `${root}/tokens.conf` : `password=${PASSWORD}`}
${tokens ? `  mechanisms = ${tokens.mechanisms}` : ''}
}
userdb {
  driver = static
  args = uid=${account.uid} gid=${account.gid} home=${root}/mail/%n
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`
}

function tokenConfig(introspection: string): string {
  return `
introspection_mode = post
introspection_url = ${introspection}
username_attribute = username
active_attribute = active
active_value = true
`
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('data', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('data', () => socket.destroy())
  })
}
