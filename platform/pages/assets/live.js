// Pages work without this file: they show the counts as of their loading. It renews them while the page is open.

const title = document.title

function show(part, number) {
  part.querySelector('[data-number]').textContent = number > 99 && part.dataset.count ? '99+' : String(number)
  part.hidden = number === 0
}

/** Said once for each message; the time is the agency's, as on the rest of the page. */
function announce(news, at) {
  const time = news.querySelector('time')
  const words = at.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit', timeZone: news.dataset.zone })
  if (time.dateTime === at.toISOString()) return
  time.dateTime = at.toISOString()
  time.textContent = words
  news.firstElementChild.hidden = false
}

if (document.querySelector('.account')) {
  const news = document.querySelector('[data-news]')
  const source = new EventSource(news ? `/desk/events?case=${news.dataset.case}&shown=${news.dataset.news}` : '/desk/events')
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
    if (news && counts.news) announce(news, new Date(counts.news))
  })
  window.addEventListener('pagehide', () => source.close())
}
