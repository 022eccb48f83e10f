import { BaseBlock, Constructed, fromBER, ObjectIdentifier, OctetString, Sequence } from 'asn1js'
import { inflateSync } from 'node:zlib'
import { readLimits } from './limits.ts'

/** What an S/MIME envelope (RFC 5652, 8551) contains. */
export type Opened =
  /** Signed or compressed content. The signature is not verified. */
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'encrypted' }
  /** Only certificates, or only a signature. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'broken' }

const signed = '1.2.840.113549.1.7.2'
const compressed = '1.2.840.113549.1.9.16.1.9'
/** Enveloped, encrypted and authenticated-enveloped data. */
const sealed = new Set([
  '1.2.840.113549.1.7.3',
  '1.2.840.113549.1.7.6',
  '1.2.840.113549.1.9.16.1.23'
])

/** Opens one envelope. The type named in the mail's header is ignored. */
export function openCms(bytes: Uint8Array): Opened {
  try {
    const { result, offset } = fromBER(bytes, {
      maxDepth: readLimits.cmsDepth,
      maxNodes: readLimits.cmsNodes,
      maxContentLength: readLimits.decodedBytes
    })
    const [type, content] = offset < 0 ? [] : children(result)
    const data = content && children(content)[0]
    if (!(type instanceof ObjectIdentifier) || !data) return { kind: 'broken' }
    const id = type.valueBlock.toString()
    if (sealed.has(id)) return { kind: 'encrypted' }
    if (id !== signed && id !== compressed) return { kind: 'broken' }
    const enclosed = contentOf(data)
    if (!enclosed) return { kind: 'nothing' }
    return {
      kind: 'content',
      bytes:
        id === compressed
          ? inflateSync(enclosed, { maxOutputLength: readLimits.decodedBytes })
          : enclosed
    }
  } catch {
    return { kind: 'broken' }
  }
}

/** A signature alone, with nothing after it that could hide other content. */
export function isDetachedSignature(bytes: Uint8Array): boolean {
  return (
    openCms(bytes).kind === 'nothing' &&
    fromBER(bytes, { maxDepth: readLimits.cmsDepth, maxNodes: readLimits.cmsNodes }).offset ===
      bytes.length
  )
}

// Both types begin with "version, algorithm(s), EncapsulatedContentInfo". The last is "type, [0]
// OCTET STRING", whose content may be in several pieces.
function contentOf(data: BaseBlock): Buffer | undefined {
  const info = children(data)[2]
  const content = info && children(info)[1]
  const octets = content && children(content)[0]
  return octets instanceof OctetString ? Buffer.from(octets.getValue()) : undefined
}

function children(block: BaseBlock): BaseBlock[] {
  return block instanceof Sequence || block instanceof Constructed
    ? (block.valueBlock.value as BaseBlock[])
    : []
}
