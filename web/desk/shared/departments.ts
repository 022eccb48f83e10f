import type { Agency } from '../../../config/agency.ts'
import { findDepartment } from '../../../config/departments.ts'

/** Names departments by their ids; one that is gone from the configuration by its id. */
export function namesDepartments({
  departments
}: Agency): (id: string) => Readonly<Record<string, string>> {
  return (id) => findDepartment(departments, id)?.name ?? { en: id }
}
