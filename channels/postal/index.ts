import type { Channel } from '../../core/channel.ts'
import { fromFile } from './from-file.ts'
import { scansFolderService } from './scans-folder.ts'
import { translate } from './translate.ts'

/** Letters: scanned by the mailroom, split into letters there (core/mailroom), one contact each. */
export const postal: Channel = {
  kind: 'postal',
  start: (collect) => collect.service(scansFolderService(collect)),
  translate,
  fromFile,
  acknowledge: () => ({ undeliverable: 'a letter is answered by letter' })
}
