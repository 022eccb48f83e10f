// The form works without this file. It shows which files are chosen, takes single ones away, and makes large photos smaller
// before they are sent: at 2,400 pixels a number plate in the photo can still be read.

const LONGEST_SIDE = 2_400
/** Smaller photos are sent as they are. */
const SHRINK_FROM = 1_000_000
const PREVIEW = { width: 160, height: 120 }

const size = (bytes) => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1_000))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`)
const fill = (text, words) => text.replace(/\{(\w+)\}/g, (_, name) => words[name])

/** The picture turned as its camera held it; undefined if it is none that browsers can open. */
const open = (file) => (file.type.startsWith('image/') ? createImageBitmap(file).catch(() => undefined) : Promise.resolve())

function draw(picture, width, height, fit) {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const scale = fit(width / picture.width, height / picture.height)
  const [w, h] = [picture.width * scale, picture.height * scale]
  canvas.getContext('2d').drawImage(picture, (width - w) / 2, (height - h) / 2, w, h)
  return canvas
}

async function shrink(file, picture) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height))
  if (file.size < SHRINK_FROM || file.type === 'image/gif') return file
  const canvas = draw(picture, Math.round(picture.width * scale), Math.round(picture.height * scale), Math.min)
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', 0.85) })
  return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg' }) : file
}

function element(name, className, ...content) {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...content)
  return made
}

function start(box) {
  const input = box.querySelector('input[type="file"]')
  const words = JSON.parse(box.dataset.words)
  const list = element('ul')
  const total = element('p', 'hint small')
  total.setAttribute('role', 'status')
  let chosen = []

  /** The field holds what will be sent; browsers that cannot set it show the field alone. */
  function keep() {
    const transfer = new DataTransfer()
    for (const { file } of chosen) transfer.items.add(file)
    input.files = transfer.files
    box.classList.toggle('filled', chosen.length > 0)
    list.replaceChildren(...chosen.map(show))
    const bytes = chosen.reduce((sum, { file }) => sum + file.size, 0)
    const problem = bytes > Number(box.dataset.limit) ? fill(words.tooLarge, { most: size(Number(box.dataset.limit)) })
      : chosen.length > Number(box.dataset.files) ? fill(words.tooMany, { count: box.dataset.files }) : ''
    input.setCustomValidity(problem)
    total.className = problem ? 'error' : 'hint small'
    total.textContent = problem || (chosen.length > 0 ? fill(words.total, { count: chosen.length, size: size(bytes) }) : '')
  }

  function show(one) {
    const { file, before, picture } = one
    const name = element('span', '', file.name, document.createElement('br'),
      element('span', 'muted small', file.size < before ? fill(words.shrunk, { before: size(before), after: size(file.size) }) : size(file.size)))
    const remove = element('button', 'button slim', words.remove, element('span', 'quiet', ` ${file.name}`))
    remove.type = 'button'
    remove.addEventListener('click', () => {
      chosen = chosen.filter((other) => other !== one)
      keep()
      input.focus()
    })
    return element('li', '', picture ?? element('span', 'blank'), name, remove)
  }

  input.addEventListener('change', async () => {
    const added = await Promise.all([...input.files].map(async (file) => {
      const picture = await open(file)
      const preview = picture && draw(picture, PREVIEW.width, PREVIEW.height, Math.max)
      const sent = picture ? await shrink(file, picture) : file
      picture?.close()
      return { file: sent, before: file.size, picture: preview }
    }))
    chosen = [...chosen, ...added]
    keep()
  })
  box.prepend(list)
  box.append(total)
}

for (const box of document.querySelectorAll('[data-picker]')) start(box)
