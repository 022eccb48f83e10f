/** Which cases somebody may open: their departments', and those that they hold. */
import type { Staff } from './staff.ts'

/** @param found of which department a case is, and the actor who holds it */
export function maySeeCase(
  staff: Pick<Staff, 'id' | 'role' | 'departments'>,
  found: { readonly department: string; readonly heldBy: string | undefined }
): boolean {
  return (
    staff.role === 'supervisor' ||
    staff.role === 'admin' ||
    found.heldBy === `staff:${staff.id}` ||
    staff.departments.includes(found.department)
  )
}
