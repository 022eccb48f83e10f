/**
 * The contract suite: what every door of every channel has to keep, whatever its tongue. A channel
 * runs it with its own table of deliveries (types.ts) and then tests only what is its own. One
 * runtime per call.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { openRig, type Rig } from './rig.ts'
import { acknowledgementCases } from './acknowledgement.ts'
import { identityCases } from './identity.ts'
import { custodyCases } from './custody.ts'
import { hostileCases } from './hostile.ts'
import { person, type Contract, type Feature } from './types.ts'

/** Registers the suite for one door. */
export function channelContract<D>(contract: Contract<D>): void {
  describe(`${contract.channel.kind} by ${contract.door}`, () => {
    let rig: Rig<D>
    beforeAll(async () => {
      rig = await openRig(contract)
    })
    afterAll(() => rig.close())

    for (const cases of [identityCases, custodyCases, hostileCases, acknowledgementCases])
      cases(contract, () => rig)
    sayWhatIsMissing(contract)

    afterEach(() => {
      const shown = [...rig.door.secrets, ...Object.values(person)].filter((word) =>
        rig.logged().includes(word)
      )
      // Said as a count: a failing test must not print a secret either.
      expect({ secretsAndPersonalDataInTheLog: shown.length }).toEqual({
        secretsAndPersonalDataInTheLog: 0
      })
    })
  })
}

/** A case that a door cannot have is not skipped in silence: its reason stands among the titles. */
function sayWhatIsMissing<D>({ features }: Contract<D>): void {
  const missing = Object.entries(features).filter(
    (entry): entry is [string, Exclude<Feature, true> | `refused because ${string}`] =>
      /because/.test(String(entry[1]))
  )
  for (const [feature, reason] of missing) {
    test(`${feature}: ${reason}`, () => {
      expect(reason.replace(/^.*?because /, '').split(' ').length).toBeGreaterThan(3)
    })
  }
}
