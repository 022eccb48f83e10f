export interface DeliveryReport {
  /** Our own id of the message, which we gave to the provider when sending. */
  readonly outboundId: string
  readonly providerId: string
  readonly status: string
  /** The carrier's error code if it was not delivered. */
  readonly errorCode?: string
}
