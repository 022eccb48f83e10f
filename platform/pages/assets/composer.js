// The reply and note boxes work without this file. It keeps what is typed as a draft on the server, puts a saved reply where the cursor is, and sends by Ctrl+Enter.

/** A pause in typing after which the draft is kept, in ms. */
const PAUSE_MS = 1_200

function notKept(status) {
  if (status === 401 || status === 403) return 'Not kept: you are signed out. Sign in in another window, or press “Keep draft”.'
  if (status === 404) return 'Not kept: the case is with another department by now. Copy what you need.'
  return 'Not kept: there is no connection. It is tried again as you type.'
}

/** The fields of one box; the reply box and the note box are one form. */
function valuesOf(box) {
  const names = new Set(['_csrf', ...[...box.querySelectorAll('[name]')].map(({ name }) => name)])
  const values = new URLSearchParams()
  for (const [name, value] of new FormData(box.closest('form'))) if (names.has(name) && typeof value === 'string') values.append(name, value)
  return values
}

/** What each box has to keep before another form than its own is sent: undefined if nothing. */
const unkept = new Map()
const waited = new WeakSet()

// The page that comes next shows the drafts, so they are kept before it is asked for. A form waits once: without a connection it goes all the same.
document.addEventListener('submit', async (event) => {
  const { target, submitter } = event
  const others = [...unkept].filter(([box]) => box.closest('form') !== target).flatMap(([, keep]) => keep() ?? [])
  if (others.length === 0 || waited.has(target)) return
  event.preventDefault()
  event.stopPropagation()
  waited.add(target)
  await Promise.all(others)
  target.requestSubmit(submitter)
}, true)

// The same for a link to this very page.
for (const link of document.querySelectorAll('[data-after-keeping]')) link.addEventListener('click', async (event) => {
  event.preventDefault()
  await Promise.all([...unkept.values()].map((keep) => keep()))
  window.location.assign(link.href)
})

for (const box of document.querySelectorAll('[data-draft]')) {
  const form = box.closest('form')
  const kept = box.querySelector('[data-kept]')
  let timer
  let last = valuesOf(box).toString()
  let leaving = false
  let running = Promise.resolve()

  const keep = async () => {
    clearTimeout(timer)
    const values = valuesOf(box)
    if (leaving || values.toString() === last) return
    const answer = await fetch(box.dataset.draft, { method: 'POST', body: values, headers: { accept: 'application/json' } }).catch(() => undefined)
    if (!answer?.ok) {
      kept.textContent = notKept(answer?.status)
      return
    }
    const { version, at, other } = await answer.json()
    box.querySelector('[data-version]').value = String(version)
    last = valuesOf(box).toString()
    kept.textContent = other ? 'Draft kept. Another window of yours holds other words: load the page again to see both.' : `Draft kept ${new Date(at).toLocaleTimeString([], { hour: 'numeric', minute: '2-digit', timeZone: kept.dataset.zone })}`
  }
  // One after the other, so that each knows the version of the one before.
  const keepSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => { running = running.then(keep) }, PAUSE_MS)
  }
  unkept.set(box, () => {
    if (valuesOf(box).toString() === last) return undefined
    running = running.then(keep)
    return running
  })
  box.addEventListener('input', keepSoon)
  // As words are typed, their field may grow: not before, as the conversation needs the room, and never back, as what one is about to press would move.
  box.addEventListener('input', () => form.classList.add('typed'))
  box.addEventListener('change', keepSoon)
  form.addEventListener('submit', () => { leaving = true; clearTimeout(timer) })
  window.addEventListener('pageshow', () => { leaving = false })
  window.addEventListener('pagehide', () => {
    const values = valuesOf(box)
    if (!leaving && values.toString() !== last) navigator.sendBeacon(box.dataset.draft, values)
  })
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    box.querySelector('[data-ctrl-enter]')?.click()
  })

  const to = box.querySelector('[data-to]')
  const sayUnheard = () => { for (const one of box.querySelectorAll('[data-unheard]')) one.hidden = one.dataset.unheard !== to.value }
  to?.addEventListener('change', sayUnheard)
  box.querySelector('[name="otherAddress"]')?.addEventListener('input', () => { to.value = to.dataset.to; sayUnheard() })

  const search = box.querySelector('[data-saved-search]')
  const choice = box.querySelector('[name="saved"]')
  if (search && choice) {
    const options = [...choice.options]
    for (const part of [search, ...search.labels]) part.hidden = false
    search.addEventListener('input', (event) => {
      event.stopPropagation()
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
      const found = options.filter((one, index) => index === 0 || words.every((word) => `${one.text} ${one.dataset.words}`.toLowerCase().includes(word)))
      choice.replaceChildren(...found)
      if (words.length > 0 && found[1]) found[1].selected = true
    })
    search.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      box.querySelector('[data-insert]').click()
    })
    box.querySelector('[data-insert]').addEventListener('click', (event) => {
      event.preventDefault()
      void insert(box, choice.value)
    })
  }
}

async function insert(box, id) {
  if (!id) return
  const language = box.querySelector('[name="language"]').value
  const answer = await fetch(`${box.dataset.saved}${encodeURIComponent(id)}?language=${encodeURIComponent(language)}`, { headers: { accept: 'application/json' } }).catch(() => undefined)
  const area = box.querySelector('[name="text"]')
  if (!answer?.ok) return
  const { text } = await answer.json()
  box.querySelector('.saved').open = false
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end')
  area.focus()
  area.dispatchEvent(new Event('input', { bubbles: true }))
}
