/**
 * Takes scans of paper that no person uploads, such as those from a watched folder. The mailroom
 * makes contacts of them.
 */
/**
 * Where a file came from: an origin such as `scans/monday`, and the name of the batch if its folder
 * names one.
 */
export interface ScanSource {
  readonly origin: string
  readonly named?: string
  /** Text of the batch.yaml in the same folder. */
  readonly note?: string
}

export interface FoundScan {
  readonly name: string
  readonly bytes: Uint8Array
  /** What a person should know about this file. It puts the batch on hold. */
  readonly holdReason?: string
}

export interface ScanIntake {
  /**
   * Stores a file in the batch that its folder is named after, else in the open batch of its
   * origin. If there is no open batch, one is logged now. A file that this origin has delivered
   * before is not stored twice. Returns the batch. @throws EvenhandError; if `retry` is set, try
   * later
   */
  add(source: ScanSource, scan: FoundScan): Promise<string>
  /**
   * Shows mailroom staff a sentence about a file that could not be taken. Holds the batch and
   * returns it.
   */
  flag(source: ScanSource, sentence: string): Promise<string>
  /**
   * Open batches whose origin is the given one, or begins with it and a slash, each with the
   * seconds since its last file.
   */
  listOpen(
    origin: string
  ): Promise<{ readonly batchId: string; readonly origin: string; readonly quietSeconds: number }[]>
  finish(batchId: string): Promise<void>
}
