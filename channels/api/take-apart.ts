/**
 * A thread's work on a large request body: it parses and checks the body and returns its files as
 * bytes.
 */
import { answerAside, type Aside } from '../../platform/http-bodies/aside.ts'
import { takeApart, type Parts } from './parts.ts'

export interface Task {
  readonly bytes: Uint8Array
  readonly mediaType: string
}

export default async function takeApartAside({ bytes, mediaType }: Task): Promise<Aside<Parts>> {
  return answerAside(async () => {
    const { contact, files } = await takeApart(bytes, mediaType)
    // A file of a multipart body is a view of the whole body, so only its own bytes are
    // transferred.
    return {
      contact,
      files: files.map((file) => ({ ...file, content: new Uint8Array(file.content) }))
    }
  })
}
