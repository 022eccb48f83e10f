// Without this file a page is printed from the browser's menu.
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  document.querySelector('[data-print-hint]')?.remove()
  button.addEventListener('click', () => { window.print() })
}
