// The page works without this file. It brings the news of a line every 20 seconds, and copies the code.

const EVERY_MS = 20_000

/** Only what changes is exchanged, so that words being typed and open boxes stay. */
async function look() {
  if (document.hidden) return
  const answer = await fetch(location.pathname, { headers: { accept: 'text/html' } }).catch(() => undefined)
  if (!answer?.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const parts = document.querySelectorAll('[data-live]')
  const news = [...parts].map((part) => page.querySelector(`[data-live="${part.dataset.live}"]`))
  // Another state brings other actions with it: then the whole page, unless something is being typed.
  if (news.includes(null)) return
  const typing = [...document.querySelectorAll('textarea, [name="address"]')].some(({ value }) => value !== '')
  if (!typing && page.querySelector('.actions summary')?.textContent !== document.querySelector('.actions summary')?.textContent) return location.assign(location.pathname)
  parts.forEach((part, index) => part.replaceChildren(...news[index].childNodes))
  document.title = page.title
}

if (document.querySelector('[data-live]')) setInterval(() => { void look() }, EVERY_MS)

for (const code of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) continue
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button slim bare'
  button.textContent = code.dataset.copy
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.textContent)
    button.textContent = code.dataset.copied
  })
  code.after(' ', button)
}

// An address to keep is selected at once.
for (const input of document.querySelectorAll('input[readonly]')) input.addEventListener('focus', () => input.select())
