import path from 'node:path'
import { Eta } from 'eta'
import { asShown } from '../text/one-line.ts'

const root = path.resolve(import.meta.dirname, '../..')

/**
 * Templates lie beside the code that uses them; everything filled in by `<%= %>` is escaped,
 * and turns no words around.
 */
const eta = new Eta({ views: root, cache: true, autoEscape: true, autoTrim: [false, 'nl'] })
const { escapeFunction: escape } = eta.config
eta.configure({ escapeFunction: (value) => escape(asShown(String(value))) })

/**
 * A page as HTML.
 * @param template path from the project's root without `.eta`, such as "channels/web/form"; never
 * anything a visitor sent
 */
export function render(template: string, data: object): string {
  return eta.render(`/${template}`, data)
}
