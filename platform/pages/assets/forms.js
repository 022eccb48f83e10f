// Pages work without this file. It keeps a second click from sending a form twice, and scrolls to
// the list of problems.
const sent = new WeakSet()

for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    if (sent.has(form)) event.preventDefault()
    sent.add(form)
    form.querySelector('button[type="submit"]')?.setAttribute('aria-disabled', 'true')
  })
}

// A page shown again by the back button may be sent again.
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return
  for (const form of document.querySelectorAll('form[method="post"]')) {
    sent.delete(form)
    form.querySelector('button[type="submit"]')?.removeAttribute('aria-disabled')
  }
})

document.querySelector('[data-focus]')?.focus()
