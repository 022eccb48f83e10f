import type { Departments, Form, Routes } from './schema.ts'

/** The agency as data: everything under CONFIG_DIR, checked. */
export interface Agency {
  readonly departments: Departments
  readonly routes: Routes
  readonly forms: readonly Form[]
  /** Interface sentences by language, then by key. */
  readonly locales: Readonly<Record<string, Readonly<Record<string, string>>>>
}
