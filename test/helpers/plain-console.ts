/**
 * What tests print (how many cases ran) as it is: jest's own console adds a stack to every line.
 */
import { Console } from 'node:console'

globalThis.console = new Console(process.stdout, process.stderr)
