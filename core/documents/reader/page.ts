import type { PageJob, ReadPage } from './job.ts'

/** Reads one page. @throws Refused over a bound; decoder errors as they are. */
export async function readPage(job: PageJob): Promise<ReadPage> {
  if (job.document === 'image') return readImagePage(job)
  if (job.document !== 'pdf') return { page: await (await import('./text-files.ts')).readText(job) }
  // A stream that does not decode by itself may still be drawn by pdfjs, which mends more.
  return job.imageAt
    ? readScanPage(job, job.imageAt).catch(() => readDrawnPage(job))
    : readDrawnPage(job)
}

async function readImagePage(job: PageJob): Promise<ReadPage> {
  const [{ readSource }, { imageSource }] = await Promise.all([
    import('./picture-page.ts'),
    import('./source.ts')
  ])
  return readSource(await imageSource(job), job)
}

async function readScanPage(
  job: PageJob,
  imageAt: NonNullable<PageJob['imageAt']>
): Promise<ReadPage> {
  const [{ readSource }, { imageFromPdf }] = await Promise.all([
    import('./picture-page.ts'),
    import('./source.ts')
  ])
  return readSource(await imageFromPdf(job.path, imageAt), job)
}

async function readDrawnPage(job: PageJob): Promise<ReadPage> {
  return (await import('./pdf-page.ts')).readPdfPage(job)
}
