// Shortcuts use modifier keys, so that typing and speech input never set them off (WCAG 2.2, success criterion 2.1.4).
document.addEventListener('keydown', (event) => {
  if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return
  if (event.code === 'KeyH') window.location.assign('/desk')
  if (event.code === 'KeyC') window.location.assign('/desk/counter')
  const target = /^Key[A-Z]$/.test(event.code) && document.querySelector(`[data-shortcut="${event.code.at(-1).toLowerCase()}"]`)
  if (!target) return
  event.preventDefault()
  // Most shortcuts only lead to their button; those that would be pressed a hundred times a day press it.
  if (target.hasAttribute('data-press')) target.click()
  else target.focus()
})

// A link to hand over is selected at once, ready to be copied.
document.querySelector('input[readonly]')?.addEventListener('focus', (event) => event.target.select())
