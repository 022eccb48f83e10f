import { stripTypeScriptTypes } from 'node:module'

/**
 * Jest transform: types are stripped by Node itself, exactly as when the product runs, so lines and
 * columns stay true.
 */
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) }
