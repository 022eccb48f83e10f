/** Letting a case wait for its resident, who was asked something first. */
import { EvenhandError } from '../../platform/errors.ts'
import { wasAsked } from '../line/answered.ts'
import type { Line } from '../line/line.ts'
import type { Pause } from '../line/pause.ts'

/**
 * As `Line.pause`, where something went out to the resident since their last message: otherwise
 * the case would wait for an answer to nothing. @throws NOTHING_ASKED, and as pause
 */
export async function waitForResident(
  { line }: { readonly line: Pick<Line, 'pause'> },
  caseId: string,
  wait: Omit<Pause, 'condition'>
): Promise<void> {
  await line.pause(caseId, {
    ...wait,
    condition: async (trx) => {
      if (!(await wasAsked(trx, caseId))) throw new EvenhandError('NOTHING_ASKED')
    }
  })
}
