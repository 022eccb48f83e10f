/** What a resident may see of a contact by its receipt: nothing of what they wrote or who they are. */
export interface StatusView {
  readonly state: 'received' | 'waiting' | 'being-served' | 'answered' | 'handed-off' | 'in-review'
  /** By language; empty while no department is known. */
  readonly departmentName: Readonly<Record<string, string>>
  /** 1 = next; only while waiting. */
  readonly place?: number
  readonly arrivedAt: Date
  readonly updatedAt: Date
}
