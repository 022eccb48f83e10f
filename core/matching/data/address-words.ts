/**
 * Words of street addresses by country. `types` and `directions` map every usual form to one;
 * `units` open a unit.
 */
export interface AddressWords {
  readonly types: ReadonlyMap<string, string>
  readonly directions: ReadonlyMap<string, string>
  readonly units: ReadonlySet<string>
}

function byForms(lines: string): Map<string, string> {
  const entries = lines.split(',').map((line) => line.trim().split(' ')).flatMap((forms) => forms.map((form) => [form, forms[0]!] as const))
  return new Map(entries)
}

const english: AddressWords = {
  types: byForms('street st str, avenue ave av aven, road rd, drive dr drv, lane ln, court ct crt, place pl, boulevard blvd boul bvd, circle cir circ, terrace ter terr tce, parkway pkwy pky, highway hwy, square sq, trail trl, way wy, close cl, crescent cres cr crs, gardens gdns, grove gr grv, plaza plz, alley aly, expressway expy expwy, freeway fwy, turnpike tpke, loop, row, walk, mews, parade pde, path, run, pike, pass, cove cv, point pt, ridge rdg, circuit cct, mount mt, heights hts, hill hl'),
  directions: byForms('n north no, s south so, e east, w west, ne northeast, nw northwest, se southeast, sw southwest'),
  units: new Set('apt apartment unit suite ste flat fl floor rm room bldg building no lot trlr trailer villa shop po pmb'.split(' '))
}

const spanish: AddressWords = {
  types: byForms('calle c cl, avenida av avda, carretera ctra, plaza pza plz, paseo po, camino cno, callejon cjon, ronda rda'),
  directions: byForms('n norte, s sur, e este, o oeste'),
  units: new Set('piso apto apartamento puerta depto departamento local bloque esc interior int'.split(' '))
}

const german: AddressWords = {
  types: byForms('strasse str, weg, platz pl, allee, gasse, ring, ufer, damm'),
  directions: new Map(),
  units: new Set('wohnung whg etage stock hinterhaus hh'.split(' '))
}

/** By ISO country; a country that is not listed reads as the United States. */
export const addressWords: ReadonlyMap<string, AddressWords> = new Map(Object.entries({
  US: english, GB: english, AU: english, CA: english, IE: english, NZ: english, ES: spanish, MX: spanish, DE: german, AT: german
}))
export const defaultWords = english
