// Pages work without this file. It warns before the server ends an idle session, and one press stays (WCAG 2.2, success criterion 2.2.1).

const dialog = document.querySelector('dialog[data-idle]')
/** So long before the end it warns, in ms. */
const WARN_MS = 300_000
/** The server notes once a minute that somebody was there. */
const SPARE_MS = 60_000
const LOOK_MS = 10_000
const SEEN = 'evenhand-seen'

/** Windows of one browser share a session, and so the time of the last request. */
function seen(at) {
  try { window.localStorage.setItem(SEEN, String(at)) } catch { /* kept off by the browser: each window then counts for itself */ }
  own = Math.max(own, at)
}
function lastSeen() {
  try { return Math.max(own, Number(window.localStorage.getItem(SEEN)) || 0) } catch { return own }
}
let own = 0
let active = Date.now()

async function stay() {
  const body = new URLSearchParams({ _csrf: dialog.dataset.token })
  const answer = await fetch(dialog.dataset.stay, { method: 'POST', body, headers: { accept: 'application/json' } }).catch(() => undefined)
  if (answer?.ok) seen(Date.now())
}

function look() {
  const left = lastSeen() + Number(dialog.dataset.idle) * 1_000 - SPARE_MS - Date.now()
  if (left > WARN_MS) { if (dialog.open) dialog.close('seen'); return }
  // Somebody who types or clicks is there, whatever the server heard of it.
  if (!dialog.open && left > 0 && Date.now() - active < WARN_MS) { void stay(); return }
  const minutes = Math.max(1, Math.ceil(left / 60_000))
  dialog.querySelector('[data-left]').textContent = left > 0 ? `You are signed out in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, as nothing was done here for a while.` : 'You are signed out by now, as nothing was done here for a while. Sign in again when you send.'
  if (!dialog.open && left > 0) dialog.showModal()
}

if (dialog) {
  seen(Date.now())
  for (const kind of ['keydown', 'pointerdown']) document.addEventListener(kind, () => { active = Date.now() }, { passive: true })
  dialog.addEventListener('close', () => { if (dialog.returnValue !== 'seen') void stay() })
  setInterval(look, LOOK_MS)
}
