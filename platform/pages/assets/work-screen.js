// The work pages work without this file. It brings news of a tray that is being read, keys on sheets, a print button and a player's keys.

const WAIT_MS = 2_000

const news = document.querySelector('[data-news]')
let touched = false
document.addEventListener('input', () => { touched = true })

/**
 * A reload never takes away what is being typed or chosen: then the page only says that there is
 * something new.
 */
async function look() {
  if (document.hidden) return
  const answer = await fetch(news.dataset.news, { headers: { accept: 'application/json' } }).then((response) => (response.ok ? response.json() : undefined), () => undefined)
  if (!answer) return
  const isNew = answer.stamp !== news.dataset.stamp
  if (isNew && !touched) return window.location.reload()
  // Screen readers are told once that there is something new, and not of every count.
  document.querySelector('[data-news-text]').textContent = answer.text
  const status = document.querySelector('[data-news-said]')
  if (isNew && status.textContent === '') status.textContent = 'There is something new: look again.'
  const bar = news.querySelector('progress')
  if (bar && answer.done !== undefined) bar.value = answer.done
}

if (news) setInterval(() => { void look() }, WAIT_MS)

// Single keys work only while a sheet has the focus (WCAG 2.2, success criterion 2.1.4).
for (const form of document.querySelectorAll('form[data-keys]')) {
  form.addEventListener('keydown', (event) => {
    if (event.target.type !== 'radio' || event.altKey || event.ctrlKey || event.metaKey) return
    const button = event.key.length === 1 && form.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)
    if (!button) return
    event.preventDefault()
    event.target.checked = true
    button.click()
  })
}

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => { window.print() })
}

const sound = document.querySelector('[data-sound]')
const speed = document.querySelector('[data-speed]')
if (sound && speed) {
  speed.hidden = false
  speed.querySelector('select').addEventListener('change', (event) => { sound.playbackRate = Number(event.target.value) })
  document.addEventListener('keydown', (event) => {
    if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return
    if (event.code === 'KeyP') void (sound.paused ? sound.play() : sound.pause())
    else if (event.code === 'KeyJ') sound.currentTime -= 5
    else if (event.code === 'KeyL') sound.currentTime += 5
    else return
    event.preventDefault()
  })
}
