import { fold, words } from './text.ts'

const legalForms = new Set(
  'inc incorporated corp corporation co company llc llp lp ltd limited plc gmbh ag kg ug ohg mbh sa sas sarl srl spa bv nv oy oyj ab as aps a/s pty kk kabushiki kaisha sl sro zrt kft doo pte bhd pllc pc foundation assn'.split(
    ' '
  )
)
const marks = new Set(
  'inc incorporated corp corporation company llc llp ltd limited gmbh plc school academy center centre church university college hospital clinic association society foundation department bank group services council agency institute nursery daycare technologies industries systems'.split(
    ' '
  )
)
const shortForms: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ctr: 'center',
    cntr: 'center',
    centre: 'center',
    centers: 'center',
    sch: 'school',
    schl: 'school',
    elem: 'elementary',
    univ: 'university',
    assoc: 'association',
    intl: 'international',
    natl: 'national',
    dept: 'department',
    comm: 'community',
    svc: 'services',
    svcs: 'services',
    service: 'services',
    mfg: 'manufacturing',
    tech: 'technologies',
    technology: 'technologies',
    hosp: 'hospital',
    st: 'saint',
    dev: 'development',
    ed: 'education',
    acad: 'academy',
    bros: 'brothers',
    and: '',
    the: '',
    of: '',
    a: ''
  })
)

/**
 * An organisation's name in comparable form: no legal form, usual short forms written out, "N.V."
 * read as one word.
 */
export function organisationName(text: string): string {
  const joined = fold(text.replace(/\b([A-Za-z])\.\s?(?=[A-Za-z]\b)/g, '$1'))
    .split(' ')
    .map((word) => shortForms.get(word) ?? word)
    .filter(Boolean)
  const kept = words(joined.join(' ')).filter((word) => !legalForms.has(word))
  return (kept.length > 0 ? kept : joined).join(' ')
}

/** True where a name reads like an organisation's rather than a person's. */
export function looksLikeOrganisation(text: string): boolean {
  return words(fold(text)).some((word) => marks.has(word) || legalForms.has(word))
}
