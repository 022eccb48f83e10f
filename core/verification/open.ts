import { codeWays, type AddressProofs } from '../intake/address-proofs.ts'
import { isSetUp } from '../outbox/set-up.ts'
import type { Runtime } from '../runtime.ts'
import { addressesOf, addressFrom } from './addresses.ts'
import { readAnswerFile, readAnswers } from './answers.ts'
import { askForCode, checkCode, findProof } from './codes.ts'
import { knowsStopLink, stopUpdates } from './updates.ts'

/** What pages can ask about addresses, on a runtime. */
export function openAddressProofs(runtime: Runtime): AddressProofs {
  const { db } = runtime
  return {
    ways: codeWays.filter((way) => isSetUp(runtime.settings, way)),
    addressesOf: (contactId) => addressesOf(runtime, contactId),
    addressFrom: (typed) => addressFrom(runtime, typed),
    ask: (request) => askForCode(runtime, request),
    find: (contactId, proofId) => findProof(db, contactId, proofId),
    check: (contactId, proofId, code) => checkCode(runtime, { contactId, proofId, code }),
    answers: (contactId, proofId) => readAnswers(db, contactId, proofId),
    answerFile: (contactId, proofId, file) => readAnswerFile(runtime, { contactId, proofId }, file),
    knowsStopLink: (token) => knowsStopLink(runtime, token),
    stopUpdates: (token) => stopUpdates(runtime, token)
  }
}
