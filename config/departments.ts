/**
 * A department by its id; undefined where there is none of it, as after a change of the file. @param
 * file departments.yaml as it was read
 */
export function findDepartment<Department extends { readonly id: string }>(
  file: { readonly departments: readonly Department[] },
  id: string | null | undefined
): Department | undefined {
  return file.departments.find((department) => department.id === id)
}
