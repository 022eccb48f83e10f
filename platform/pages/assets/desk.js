/** What a key leads to on this page; forms with keys of their own, such as a tray's, look after those. */
const singleKey = (key) => `main [data-key="${CSS.escape(key)}"]:not(form[data-keys] *), header [data-key="${CSS.escape(key)}"]`

// Shortcuts use modifier keys, so that typing and speech input never set them off (WCAG 2.2, success criterion 2.1.4).
document.addEventListener('keydown', (event) => {
  if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return
  if (event.code === 'KeyD') window.location.assign('/desk')
  if (event.code === 'KeyC') window.location.assign('/desk/counter')
  const letter = /^Key[A-Z]$/.test(event.code) && event.code.at(-1).toLowerCase()
  const target = letter && (document.querySelector(`[data-shortcut="${letter}"]`) ?? document.querySelector(singleKey(letter)))
  if (!target) return
  event.preventDefault()
  // Most shortcuts only lead to their button; those that would be pressed a hundred times a day press it.
  if (target.hasAttribute('data-press')) target.click()
  else if (target.matches('summary')) openBox(target)
  else target.focus()
})

// Single keys work outside of fields only, and can be switched off (/desk/shortcuts; WCAG 2.2, success criterion 2.1.4).
const inField = (target) => target.closest('input, textarea, select, [contenteditable]') !== null

if (document.body.dataset.keys !== 'off') {
  document.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || inField(event.target)) return
    if (event.key === '?') return window.location.assign('/desk/shortcuts')
    const target = event.key.length === 1 && document.querySelector(singleKey(event.key))
    if (!target) return
    event.preventDefault()
    if (target.matches('summary')) openBox(target)
    else if (target.matches('button, a')) target.click()
    else target.focus()
  })
}

// On a phone pages of scans would be screens long before the reply comes.
if (window.matchMedia('(max-width: 49.99rem)').matches) for (const fold of document.querySelectorAll('details[data-fold]')) fold.open = false

// A conversation opens at its newest message: at its beginning, where there is no room for all of it. Wide pages show its end without this.
const latest = document.getElementById('latest')
const view = [...document.querySelectorAll('.talk, .case')].find((one) => one.scrollHeight > one.clientHeight + 1 && window.getComputedStyle(one).overflowY === 'auto')
const above = view && latest ? latest.getBoundingClientRect().top - view.getBoundingClientRect().top : 0
if (latest?.previousElementSibling && view && !(view.matches('.talk') && above >= 0) && !window.location.hash) view.scrollTop += above

/** A box opens with the cursor in its first field. */
function openBox(summary) {
  for (let box = summary.parentElement; box; box = box.parentElement?.closest('details')) box.open = true
  const { toField } = summary.dataset
  const first = toField ? document.getElementById(toField) : summary.parentElement.querySelector('input:not([type="hidden"]), select, textarea')
  ;(first ?? summary).focus()
}

// A menu closes by Escape and by a press beside it.
const closeMenus = (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (event.type === 'click' ? menu.contains(event.target) : event.key !== 'Escape') continue
    menu.open = false
    if (event.type === 'keydown') menu.querySelector('summary').focus()
  }
}
document.addEventListener('click', closeMenus)
document.addEventListener('keydown', closeMenus)

// A link to hand over is selected at once, ready to be copied.
document.querySelector('input[readonly]')?.addEventListener('focus', (event) => event.target.select())
