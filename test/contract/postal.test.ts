import { postal } from '../../channels/postal/index.ts'
import { limits } from '../../core/documents/limits.ts'
import { asEvenhandError } from '../../platform/errors.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { typedPdf } from '../core/mailroom/stacks.ts'
import { channelContract } from './channel-contract.ts'
import { person, type Answer, type Door } from './types.ts'

channelContract<Uint8Array>({
  channel: postal,
  door: 'a scanned file',
  features: {
    ids: 'because paper has no id: its scan is known by its bytes',
    idMayBeMissing: 'because paper has no id: its scan is known by its bytes',
    signatures: "because a scan is not signed: the folder is the agency's own",
    words: 'because the words come as a picture of paper',
    line: true,
    empty: "refused because a file with nothing in it is a scanner's mistake, which a person sees",
    overCap: 'refused because the person at the scanner is told to scan in two parts',
    sameIdOtherBytes: 'a contact of its own'
  },
  open: async (runtime) => open(runtime)
})

function open(runtime: OpenRuntime): Door<Uint8Array> {
  return {
    deliver: (bytes) => deliver(runtime, bytes),
    honest: ({ text }) => typedPdf(...text.match(/.{1,30}/g)!, person.name),
    empty: () => new Uint8Array(),
    sized: (over) => Buffer.alloc(limits.documentBytes + over, 'x'),
    holding: (bytes) => bytes,
    claiming: ({ text }) => typedPdf('received 1990-01-01', 'ordinal 1', text.slice(-38)),
    secrets: []
  }
}

async function deliver(runtime: OpenRuntime, bytes: Uint8Array): Promise<Answer> {
  try {
    const { receipt } = await runtime.acceptor.accept(
      postal.fromFile('scan.pdf', bytes, runtime.agency())
    )
    return { verdict: 'accepted', receipt }
  } catch (error) {
    return { verdict: asEvenhandError(error).retry ? 'later' : 'refused' }
  }
}
