/**
 * The `evenhand` command. Compiled code of the program is kept beside its packages: without it a
 * command takes twice the processor time before it begins. Where nothing can be written there,
 * nothing is kept.
 */
import { enableCompileCache } from 'node:module'
import path from 'node:path'

enableCompileCache(path.join(import.meta.dirname, '../node_modules/.cache/evenhand'))
await import('./program.ts')
