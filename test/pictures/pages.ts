/** Which pages are in pictures, who sees them, and how to come to them. */
import type { Page } from 'playwright-core'
import type { Town } from './town.ts'

export interface Shown {
  readonly name: string
  /** Undefined: a resident. */
  readonly who?: keyof Town['staff']
  /** Shown in the guides. */
  readonly inDocs?: boolean
  open(page: Page): Promise<unknown>
}

export function pagesOf({ receipts }: Town): Shown[] {
  const go = (path: string) => (page: Page) => page.goto(path)
  return [
    { name: 'form', inDocs: true, open: go('/') },
    { name: 'form-spanish', open: go('/?lang=es') },
    {
      name: 'form-error',
      async open(page) {
        await page.goto('/f/streets?lang=en')
        await page.evaluate('document.querySelector("main form").noValidate = true')
        await page.getByRole('button', { name: 'Send' }).click()
        await page.getByRole('alert').waitFor()
      }
    },
    { name: 'status', inDocs: true, open: go(`/r/${receipts[9]!}?lang=en`) },
    { name: 'status-sent', open: go(`/r/${receipts[6]!}?sent=1`) },
    { name: 'receipt', open: go('/r') },
    { name: 'missing', open: go('/nothing') },
    { name: 'sign-in', open: go('/desk/sign-in') },
    { name: 'desk', who: 'agent', inDocs: true, open: go('/desk') },
    {
      name: 'case',
      who: 'agent',
      inDocs: true,
      async open(page) {
        await page.goto('/desk')
        await page
          .getByRole('button', { name: /^Take next/ })
          .first()
          .click()
        await page.waitForURL(/\/desk\/cases\//)
      }
    },
    { name: 'desk-holding', who: 'agent', open: go('/desk') },
    { name: 'people', who: 'agent', open: go('/desk/people') },
    {
      name: 'person',
      who: 'agent',
      async open(page) {
        await page.goto('/desk/people')
        await page.getByLabel(/^Name or part/).fill('Rosa Delgado')
        await page.getByRole('button', { name: 'Look up' }).click()
        await page.getByRole('link', { name: 'Rosa Delgado' }).first().click()
      }
    },
    { name: 'counter', who: 'agent', open: go('/desk/counter') },
    { name: 'campaigns', who: 'agent', open: go('/desk/campaigns') },
    {
      name: 'campaign',
      who: 'supervisor',
      async open(page) {
        await page.goto('/desk/campaigns')
        await page
          .getByRole('link', { name: / letters$/ })
          .first()
          .click()
      }
    },
    { name: 'refused', who: 'agent', open: go('/desk/staff') },
    { name: 'mailroom', who: 'mailroom', inDocs: true, open: go('/desk') },
    { name: 'quarantine', who: 'mailroom', open: go('/desk/quarantine') },
    { name: 'transcribe', who: 'mailroom', open: go('/desk/transcribe') },
    { name: 'slips', who: 'mailroom', open: go('/desk/slips') },
    { name: 'slip', who: 'mailroom', open: go(`/desk/slips/${receipts[3]!}`) },
    { name: 'desk-supervisor', who: 'supervisor', open: go('/desk') },
    { name: 'staff', who: 'admin', open: go('/desk/staff') },
    { name: 'keys', who: 'admin', open: go('/desk/keys') },
    { name: 'access', who: 'admin', open: go('/desk/access') },
    { name: 'thresholds', who: 'admin', open: go('/desk/people/thresholds') },
    { name: 'api', who: 'admin', open: go('/v1/docs') }
  ]
}
