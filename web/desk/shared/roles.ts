/** Which roles may do what at the desk. */
import type { StaffRole } from '../../../core/access/staff.ts'

/** Roles that may see and release what machines could not decide. */
export const quarantineRoles: readonly StaffRole[] = ['mailroom', 'supervisor', 'admin']
/** Roles that handle paper and transcribe what machines could not read. */
export const mailroomRoles: readonly StaffRole[] = ['mailroom', 'supervisor', 'admin']
export const staffRoles: readonly StaffRole[] = ['admin']
/** Roles that look after departments' own systems. */
export const webhookRoles: readonly StaffRole[] = ['supervisor', 'admin']
/** Roles that give back what others hold. */
export const freeingRoles: readonly StaffRole[] = ['supervisor', 'admin']
