/**
 * Every channel there is. A new one is a folder here and a line in this list
 * (docs/add-a-channel.md).
 */
import type { AnyChannel } from '../core/intake/channel.ts'
import { api } from './api/index.ts'
import { counter } from './counter/index.ts'
import { email } from './email/index.ts'
import { fax } from './fax/index.ts'
import { open311 } from './open311/index.ts'
import { phone } from './phone/index.ts'
import { postal } from './postal/index.ts'
import { sms } from './sms/index.ts'
import { web } from './web/index.ts'

export const channels: readonly AnyChannel[] = [
  email,
  sms,
  phone,
  fax,
  postal,
  web,
  counter,
  api,
  open311
]
