import type { Page } from '../types.ts'

/** What a page has beside its words, as far as it has any. */
export function extras(
  fields: Page['fields'],
  notes: Page['notes'],
  { unread, added }: { readonly unread: string | undefined; readonly added?: boolean }
): Pick<Page, 'fields' | 'notes' | 'unread' | 'added'> {
  return {
    ...(fields?.length ? { fields } : {}),
    ...(notes?.length ? { notes } : {}),
    ...(unread ? { unread } : {}),
    ...(added ? { added } : {})
  }
}
