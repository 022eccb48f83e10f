// Plain JavaScript on purpose: this runs on whatever Node (20 or newer) the machine has, before
// anything is installed.
// It installs what is missing: npm packages (with them the pinned Node 24), and for tests Redis,
// Chromium, Dovecot and Python (for an example) from the OS.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const modules = path.join(root, 'node_modules')
const stamp = path.join(modules, '.evenhand-setup')

export function setUp({ forTests = false } = {}) {
  const [major] = process.versions.node.split('.').map(Number)
  if (major < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or newer.`)
  installPackages()
  if (forTests) installServices()
}

function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  if (isCurrent(wanted)) return
  withLock(() => {
    if (isCurrent(wanted)) return
    say('installing packages (npm ci)')
    const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32'
    })
    if (done.status !== 0)
      fail(
        'npm ci failed; its words are above. Check the network or the npm registry and try again.'
      )
    writeFileSync(stamp, wanted)
  })
}

// Packages installed by hand with npm ci or npm install have no stamp;
// node_modules/.package-lock.json tells their age.
function isCurrent(wanted) {
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === wanted
  const own = path.join(modules, '.package-lock.json')
  return (
    existsSync(own) &&
    statSync(own).mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs
  )
}

function withLock(work) {
  const lock = path.join(root, '.setup-lock')
  for (let waited = 0; !tryLock(lock); waited++) {
    if (waited > 600) fail(`another set-up seems to be stuck; delete ${lock} and try again`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
  }
  try {
    work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function tryLock(lock) {
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
}

function installServices() {
  const missing = [
    ['redis-server', 'redis-server'],
    ['chromium', 'chromium'],
    ['dovecot', 'dovecot-imapd'],
    ['python3', 'python3']
  ]
    .filter(([program]) => !onPath(program))
    .map(([, name]) => name)
  if (missing.length === 0) return
  const advice = `install ${missing.join(' and ')}, for example: sudo apt-get install ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !onPath('apt-get'))
    fail(`The tests need real services: ${advice}`)
  say(`installing ${missing.join(', ')} (apt-get)`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 2], env: environment })
  const done = spawnSync(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...missing],
    { stdio: ['ignore', 'ignore', 2], env: environment }
  )
  if (done.status !== 0) fail(`apt-get could not install them; ${advice}`)
}

// Servers lie in /usr/sbin, which is not on everybody's path.
function onPath(program) {
  return [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'].some((folder) =>
    existsSync(path.join(folder, program))
  )
}

function say(text) {
  process.stderr.write(`evenhand: ${text}\n`)
}
function fail(text) {
  say(text)
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  setUp({ forTests: process.argv.includes('--for-tests') })
