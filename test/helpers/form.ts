/**
 * Sends the public form as a browser without JavaScript does; answers the receipt. @throws where
 * the sender would see an error
 */
export async function submitForm(
  base: string,
  fields: Record<string, string>,
  form = '',
  files: readonly File[] = []
): Promise<string> {
  const page = await fetch(`${base}/${form}`, { signal: AbortSignal.timeout(10_000) })
  if (!page.ok) throw new Error(`the form answered ${page.status}`)
  const html = await page.text()
  const hidden = [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name, value]) => [name!, value!] as const
  )
  const body = new FormData()
  for (const [name, value] of [...hidden, ...Object.entries(fields)]) body.append(name, value)
  for (const file of files) body.append('attachments', file)
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ')
  const sent = await fetch(`${base}/${form}`, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { cookie },
    signal: AbortSignal.timeout(10_000)
  })
  const receipt = /\/r\/([0-9A-Z-]+)/.exec(sent.headers.get('location') ?? '')?.[1]
  if (sent.status !== 303 || !receipt) throw new Error(`the form answered ${sent.status}`)
  return receipt
}
