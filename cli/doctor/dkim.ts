/** The key that outgoing mail is signed with, and its other half in the DNS (RFC 6376). */
import { createPublicKey } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import fs from 'node:fs/promises'
import type { Settings } from '../../config/settings.ts'
import { ok, warn, type Check } from './check.ts'

/** ms for the DNS to answer. */
const TIMEOUT_MS = 4_000

export async function checkSigning(
  { MAIL_DKIM_KEY: file, MAIL_DKIM_SELECTOR: selector, MAIL_FROM: from }: Settings,
  agencyEmail: string
): Promise<Check[]> {
  if (!file || !selector) return []
  const name = `${selector}._domainkey.${(from ?? agencyEmail).split('@')[1]!}`
  const wanted = publicPart(await fs.readFile(file, 'utf8'))
  const record = `v=DKIM1; k=rsa; p=${wanted}`
  const found = await lookUp(name)
  if (typeof found !== 'string')
    return [
      warn('mail-signing', `the DNS did not say whether ${name} is there`, `It needs: ${record}`)
    ]
  return [
    keyIn(found) === wanted
      ? ok('mail-signing', `mail out is signed, and ${name} has its key`)
      : warn(
          'mail-signing',
          found === '' ? `${name} is not in the DNS` : `${name} has another key`,
          `Set its TXT record to: ${record}`
        )
  ]
}

/** As the record has it: base64 without line breaks. */
function publicPart(pem: string): string {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64')
}

function keyIn(record: string): string | undefined {
  return /(?:^|;)\s*p=([^;]*)/.exec(record)?.[1]?.replace(/\s/g, '')
}

/** Its text; empty where there is none, undefined where nobody answered. */
async function lookUp(name: string): Promise<string | undefined> {
  try {
    const records = await new Resolver({ timeout: TIMEOUT_MS, tries: 1 }).resolveTxt(name)
    return records[0]?.join('') ?? ''
  } catch (error) {
    return ['ENOTFOUND', 'ENODATA'].includes(String((error as NodeJS.ErrnoException).code))
      ? ''
      : undefined
  }
}
