// Pages work without this file: they show the counts as of their loading. It renews them while the page is open.

const title = document.title

function show(part, number) {
  part.querySelector('[data-number]').textContent = number > 99 && part.dataset.count ? '99+' : String(number)
  part.hidden = number === 0
}

if (document.querySelector('.account')) {
  const source = new EventSource('/desk/events')
  let before
  source.addEventListener('message', ({ data }) => {
    const counts = JSON.parse(data)
    for (const part of document.querySelectorAll('[data-count]')) show(part, counts[part.dataset.count] ?? 0)
    for (const part of document.querySelectorAll('[data-waiting]')) show(part, counts.waiting[part.dataset.waiting] ?? 0)
    // What was said of a line that was empty, or of one that is now, holds no longer.
    for (const part of document.querySelectorAll('[data-since]')) part.hidden = ((counts.waiting[part.dataset.since] ?? 0) > 0) !== (part.dataset.waited === '1')
    const waiting = Object.values(counts.waiting).reduce((sum, one) => sum + one, 0)
    document.title = waiting > 0 ? `(${waiting}) ${title}` : title
    // Screen readers hear of the first arrival in an empty line, and not of every number.
    const fresh = document.querySelector('[data-fresh]')
    if (fresh && before === 0 && waiting > 0) fresh.hidden = false
    before = waiting
  })
  window.addEventListener('pagehide', () => source.close())
}
