/** What residents are told of answers, looked at as they see it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { channels } from '../../channels/index.ts'
import { closeCase } from '../../core/cases/closing.ts'
import { recordNotices } from '../../core/outbox/mail-delivery.ts'
import { openDispatcher } from '../helpers/dispatcher.ts'
import { sendReply } from '../../core/replies/send.ts'
import { newId } from '../../platform/ids.ts'
import { findBarriers, look, openBrowser, overflows, sizes } from '../helpers/browser.ts'
import { emptyLine, stand, take, type Stood } from '../helpers/contacts.ts'
import { openMailServer, type MailServer } from '../helpers/mail-server.ts'
import { openSite, type Site } from '../helpers/site.ts'

let site: Site
let mails: MailServer
let browser: Browser
beforeAll(async () => {
  mails = await openMailServer()
  site = await openSite({ MAIL_URL: mails.url, PUBLIC_URL: '' })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await mails?.close()
})

const ann = 'staff:ann'
const ana = 'ana@people.example'

async function answered({ caseId, contactId }: Stood): Promise<string> {
  const replyId = newId()
  const words = { language: 'en', subject: 'The slide', text: 'We mend it on Thursday.' }
  await sendReply(site.runtime, {
    ...words,
    replyId,
    caseId,
    contactId,
    actor: ann,
    way: 'mail',
    address: ana,
    typed: false,
    name: undefined
  })
  await openDispatcher(site.runtime, channels).acknowledge([contactId])
  return replyId
}

const inHand = async (text: string) => {
  await emptyLine(site.runtime)
  const stood = await stand(site.runtime, { text, sender: { emails: [ana] } })
  await take(site.runtime, ann)
  return stood
}

const pages: Record<string, () => Promise<string>> = {
  split: async () => {
    const stood = await inHand('The slide is loose, and when does the pool open?')
    await site.runtime.line.split(stood.caseId, ann, 'the pool')
    await answered(stood)
    await closeCase(site.runtime, stood.caseId, ann, { outcomeId: 'reply-sent' })
    return stood.receipt
  },
  returned: async () => {
    const stood = await inHand('A pipe drips in the pavilion')
    const answerId = await answered(stood)
    await recordNotices(site.runtime.db, [
      { receipt: stood.receipt, notice: { outcome: 'failed', answers: [answerId], lasting: true } }
    ])
    return stood.receipt
  },
  elsewhere: async () => {
    const [earlier, later] = [
      await inHand('A swing hangs by one chain'),
      await stand(site.runtime, {
        text: 'Kids get hurt at the creek',
        sender: { phones: ['+12175550142'] }
      })
    ]
    const both = { laterCaseId: later.caseId, earlierCaseId: earlier.caseId }
    await site.runtime.line.join({ ...both, actor: ann, reason: 'the same swing' })
    await answered(earlier)
    return later.receipt
  }
}

test.each(Object.entries(pages))('the page of an answer is sound: %s', async (name, make) => {
  const receipt = await make()
  for (const [size, viewport] of Object.entries(sizes))
    for (const language of ['en', 'es']) {
      const page = await browser.newPage({ viewport })
      await page.goto(`${site.url}/r/${receipt}?lang=${language}`)
      expect(await findBarriers(page)).toEqual([])
      expect(await overflows(page)).toBe(false)
      expect(await page.locator('main .button.primary').count()).toBeLessThanOrEqual(1)
      await look(page, `told-${name}-${size}-${language}`)
      await page.close()
    }
})
