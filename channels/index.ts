/** Every channel there is. A new one is a folder here and a line in this list (docs/add-a-channel.md). */
import type { Channel } from '../core/channel.ts'
import { counter } from './counter/index.ts'
import { email } from './email/index.ts'
import { open311 } from './open311/index.ts'
import { postal } from './postal/index.ts'
import { web } from './web/index.ts'

export const channels: readonly Channel[] = [email, postal, web, counter, open311]
