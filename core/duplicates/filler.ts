/**
 * Words in a subject or an answer that add nothing to the text: words that every title has, and the
 * names of our own departments and forms.
 */
import type { Agency } from '../../config/agency.ts'
import { isDecisive } from './decisive-words.ts'
import { wording } from './wording.ts'

const words = new Set(
  `a an the of in on at about regarding concerning re subject my our your this that these is are from to
  contact form website web online mail email e message messages letter note text fax question inquiry enquiry
  hello hi hey dear good morning afternoon evening day sir madam greetings thanks thank you regards please
  town city department office agency info general other
  el la los las un una de del en sobre acerca referente mi mis su sus este esta es son
  contacto formulario sitio correo electrónico electronico mensaje carta nota texto pregunta consulta
  hola estimado estimada estimados señor señora buenos buenas días dias tardes noches saludos gracias favor por
  ciudad pueblo departamento oficina información informacion otra otro`
    .split(/\s+/)
    .filter((word) => !isDecisive(word))
)

/**
 * True for a lower-case word that says nothing by itself. Never true for one that changes a
 * meaning.
 */
export function isFiller(token: string): boolean {
  return words.has(token)
}

/** Names of our departments and forms, in every language, as `isOurs` compares them. */
export function ourNames({ departments, forms }: Agency): ReadonlySet<string> {
  return new Set(
    [
      ...departments.departments.flatMap(({ id, name }) => [id, ...Object.values(name)]),
      ...forms.flatMap(({ id, title }) => [id, ...Object.values(title)])
    ].map(folded)
  )
}

/** Whether a text is just one of our own names. */
export function isOurs(text: string, names: ReadonlySet<string>): boolean {
  return names.has(folded(text.slice(0, LONGEST_NAME)))
}

/** Characters; our longest names have forty. */
const LONGEST_NAME = 300

function folded(text: string): string {
  return wording(text).tokens.join(' ')
}
