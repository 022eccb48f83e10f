/** Row type of addresses that were, or are to be, proved by a code. */
import type { Generated } from 'kysely'
import type { CodeWay, ProofPurpose } from '../intake/address-proofs.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    address_proofs: {
      id: string
      contact_id: string
      purpose: ProofPurpose
      way: CodeWay
      address: string
      /** Keyed, to count codes to an address whatever contact they are asked for with. */
      address_hash: string
      /** The contact itself gave this address. */
      own: boolean
      language: string
      asked_at: Generated<Date>
      expires_at: Date
      tries: Generated<number>
      proved_at: Date | null
      /** The last event that was told of, or that was before the address was proved. */
      told_event: string | null
      stopped_at: Date | null
    }
  }
}
