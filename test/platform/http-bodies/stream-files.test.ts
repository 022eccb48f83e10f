import { describe, expect, test } from '@jest/globals'
import {
  streamFiles,
  type FormBody,
  type Over,
  type StreamBounds
} from '../../../platform/http-bodies/stream-files.ts'

const bounds: StreamBounds = {
  fileBytes: 1000,
  files: 3,
  fields: 10,
  fieldBytes: 4096,
  parts: 2_000,
  nameLength: 255
}

/** A body in pieces of 64 bytes, as a slow network brings it. */
function body(bytes: Buffer, type = 'multipart/form-data; boundary=b'): FormBody {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 64) yield bytes.subarray(at, at + 64)
  }
  return Object.assign(pieces(), { headers: { 'content-type': type } })
}

function form(
  files: readonly { name: string; bytes: Buffer }[],
  fields: Record<string, string> = { _csrf: 'token', side: 'fronts' }
): Buffer {
  const parts = Object.entries(fields).map(([name, value]) =>
    Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  )
  const filed = files.map(({ name, bytes }) =>
    Buffer.concat([
      Buffer.from(
        `--b\r\nContent-Disposition: form-data; name="scans"; filename="${name}"\r\nContent-Type: application/pdf\r\n\r\n`
      ),
      bytes,
      Buffer.from('\r\n')
    ])
  )
  return Buffer.concat([...parts, ...filed, Buffer.from('--b--\r\n')])
}

async function receive(request: FormBody, begin: () => Promise<void> = async () => undefined) {
  const kept: { name: string; bytes: number; side: string | undefined }[] = []
  const said: Over[] = []
  const count = await streamFiles(
    request,
    {
      begin,
      keep: async (name, bytes, fields) => {
        kept.push({ name, bytes: bytes.length, side: fields.get('side') })
        return true
      },
      over: (over) => said.push(over)
    },
    bounds
  )
  return { count, kept, said }
}

describe('files sent by a form', () => {
  test('are kept one by one in their order, with the fields before them', async () => {
    const { count, kept, said } = await receive(
      body(
        form([
          { name: 'a.pdf', bytes: Buffer.alloc(10) },
          { name: 'C:/scans/ü.pdf', bytes: Buffer.alloc(700) }
        ])
      )
    )
    expect([count, said]).toEqual([2, []])
    expect(kept).toEqual([
      { name: 'a.pdf', bytes: 10, side: 'fronts' },
      { name: 'ü.pdf', bytes: 700, side: 'fronts' }
    ])
  })

  test('one as large as allowed is kept, one a byte larger is said and the others are kept all the same', async () => {
    const { kept, said } = await receive(
      body(
        form([
          { name: 'most.pdf', bytes: Buffer.alloc(1000) },
          { name: 'over.pdf', bytes: Buffer.alloc(1001) },
          { name: 'last.pdf', bytes: Buffer.alloc(1) }
        ])
      )
    )
    expect(kept.map(({ name }) => name)).toEqual(['most.pdf', 'last.pdf'])
    expect(said).toEqual([{ bound: 'file-bytes', name: 'over.pdf' }])
  })

  test('as many as allowed are kept; of one more it is said that it was not', async () => {
    const files = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        name: `${index}.pdf`,
        bytes: Buffer.alloc(5)
      }))
    expect(await receive(body(form(files(3))))).toMatchObject({ count: 3, said: [] })
    expect(await receive(body(form(files(4))))).toMatchObject({
      count: 3,
      said: [{ bound: 'files' }]
    })
  })

  test('a body of nothing but parts is read up to 2,000 of them', async () => {
    const whole = form(Array.from({ length: 2_500 }, () => ({ name: 'x', bytes: Buffer.alloc(0) })))
    const request = { read: 0, ...body(whole) }
    async function* counted() {
      for (let at = 0; at < whole.length; at += 4_096) {
        request.read = at
        yield whole.subarray(at, at + 4_096)
      }
    }
    await expect(
      receive(Object.assign(counted(), { headers: request.headers }))
    ).rejects.toMatchObject({ code: 'INTAKE_TOO_LARGE' })
    expect(request.read).toBeLessThan(0.9 * whole.length)
    expect(
      await receive(
        body(form(Array.from({ length: 1_900 }, () => ({ name: 'x', bytes: Buffer.alloc(0) }))))
      )
    ).toMatchObject({ count: 3 })
  })

  test('none of them is kept where the form was not ours', async () => {
    const kept: string[] = []
    const attempt = streamFiles(
      body(form([{ name: 'a.pdf', bytes: Buffer.alloc(10) }])),
      {
        begin: () => Promise.reject(new Error('no token')),
        keep: async (name) => {
          kept.push(name)
          return true
        },
        over: () => undefined
      },
      bounds
    )
    await expect(attempt).rejects.toThrow('no token')
    expect(kept).toEqual([])
  })

  test('no file at all still asks whose form it is', async () => {
    let asked = 0
    expect(
      await receive(body(form([{ name: '', bytes: Buffer.alloc(0) }])), async () => {
        asked++
      })
    ).toMatchObject({ count: 0, said: [] })
    expect(asked).toBe(1)
  })

  test('nothing more is read while one is being kept', async () => {
    const bytes = form(
      Array.from({ length: 3 }, (_, index) => ({ name: `${index}.pdf`, bytes: Buffer.alloc(900) }))
    )
    let read = 0
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 64) {
        read = at
        yield bytes.subarray(at, at + 64)
      }
    }
    const readWhenKept: number[] = []
    await streamFiles(
      Object.assign(pieces(), { headers: { 'content-type': 'multipart/form-data; boundary=b' } }),
      {
        begin: async () => undefined,
        keep: async () => {
          await new Promise((resolve) => {
            setImmediate(resolve)
          })
          readWhenKept.push(read)
          return true
        },
        over: () => undefined
      },
      bounds
    )
    expect(readWhenKept[0]).toBeLessThan(1400)
  })

  test.each([
    ['not a form', 'application/json', Buffer.from('{}')],
    ['a form without a boundary', 'multipart/form-data;', form([])],
    [
      'a form that breaks off',
      'multipart/form-data; boundary=b',
      form([{ name: 'a.pdf', bytes: Buffer.alloc(100) }]).subarray(0, 230)
    ],
    ['nothing', 'multipart/form-data; boundary=b', Buffer.alloc(0)]
  ])('%s is refused', async (_what, type, bytes) => {
    await expect(receive(body(bytes, type))).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})
