import type { Channel } from '../../core/intake/channel.ts'
import { fromFile } from './from-file.ts'
import { scansFolderService } from './scans-folder.ts'
import { translate } from './translate.ts'

/**
 * Letters: the mailroom scans them and splits the scans into letters (core/mailroom); each letter
 * is one contact.
 */
export const postal: Channel<'scanIntake'> = {
  kind: 'postal',
  needs: ['scanIntake'],
  start: (intake) => intake.service(scansFolderService(intake)),
  translate,
  fromFile,
  acknowledge: () => ({ undeliverable: 'a letter is answered by letter' })
}
