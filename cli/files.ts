/**
 * Files that commands are given: `-` is standard input, and one that cannot be read is a sentence
 * and exit code 2.
 */
import type { Stats } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Misuse } from './shared.ts'

let standardInput: Promise<Buffer> | undefined

/** @throws Misuse */
export async function readInput(file: string): Promise<Buffer> {
  // Read once: the same file may be named twice.
  if (file === '-') return (standardInput ??= buffer(process.stdin))
  return fs.readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(file, error)
  })
}

/** As text in UTF-8, without a byte order mark. @throws Misuse */
export async function readTextInput(file: string): Promise<string> {
  return (await readInput(file)).toString('utf8').replace(/^\uFEFF/, '')
}

/** Before anything is opened or accepted. @throws Misuse naming the first that cannot be read */
export async function requireReadable(files: readonly string[]): Promise<void> {
  for (const file of files) if (file !== '-') await tryOpen(file)
}

/** The same, and nothing to work on is no work done. @throws Misuse */
export async function requireFilled(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const stats = file === '-' ? undefined : await tryOpen(file)
    if (stats ? stats.isFile() && stats.size === 0 : (await readInput(file)).length === 0)
      throw new Misuse(`${nameOf(file)} is empty.`)
  }
}

/** For what is written at the end of long work. @throws Misuse naming what stands against it */
export async function requireWritable(file: string): Promise<void> {
  const refuse = ({ code = '' }: NodeJS.ErrnoException): never => {
    throw new Misuse(`${file} cannot be written: ${unwritable[code] ?? reasons[code] ?? code}.`)
  }
  const there = await fs.stat(file).catch(() => undefined)
  if (there?.isDirectory()) refuse({ code: 'EISDIR' } as NodeJS.ErrnoException)
  const folder = path.dirname(file)
  const stats = await fs.stat(folder).catch(refuse)
  if (!stats.isDirectory()) refuse({ code: 'ENOTDIR' } as NodeJS.ErrnoException)
  await fs.access(there ? file : folder, fs.constants.W_OK).catch(refuse)
}

/** As sentences name it. */
export function nameOf(file: string): string {
  return file === '-' ? 'Standard input' : file
}

async function tryOpen(file: string): Promise<Stats> {
  try {
    const handle = await fs.open(file)
    const stats = await handle.stat().finally(() => handle.close())
    if (stats.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
    return stats
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException)
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this account may not read it',
  EPERM: 'this account may not read it',
  ENOTDIR: 'a part of its path is no folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open'
}

const unwritable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  EACCES: 'this account may not write there',
  EPERM: 'this account may not write there',
  EROFS: 'that disk can only be read'
}

export function unreadable(file: string, { code = '' }: NodeJS.ErrnoException): Misuse {
  return new Misuse(`${file} cannot be read: ${reasons[code] ?? code}.`)
}
