/**
 * What the core must know of each channel, in one place. A channel added to `channelKinds` without
 * an entry here does not compile.
 */
import { channelKinds, type ChannelKind } from '../envelope.ts'

export interface ChannelTraits {
  /** Whether people typed it, or a machine made text of pages or of a voice. */
  readonly medium: 'typed' | 'paper' | 'voice'
  /** The sender's address that the network itself supplies, without anybody typing it. */
  readonly carries?: 'email' | 'phone'
  /**
   * The channel carries short messages both ways: questions and their answers, reactions, STOP and
   * HELP. The index `contacts_texts` has to hold those of each such channel.
   */
  readonly conversation?: true
  /** Its contacts are forms of the agency, filled in: the first recipient is the form's id. */
  readonly forms?: true
}

const traits: Readonly<Record<ChannelKind, ChannelTraits>> = {
  email: { medium: 'typed', carries: 'email' },
  sms: { medium: 'typed', carries: 'phone', conversation: true },
  phone: { medium: 'voice', carries: 'phone' },
  fax: { medium: 'paper', carries: 'phone' },
  postal: { medium: 'paper' },
  web: { medium: 'typed', forms: true },
  counter: { medium: 'typed' },
  open311: { medium: 'typed' },
  api: { medium: 'typed' }
}

/**
 * The traits of a channel by its name. An unknown channel counts as typed text, without an address
 * that the network supplies and without short messages.
 */
export function traitsOf(channel: string): ChannelTraits {
  const kind = channelKinds.find((one) => one === channel)
  return kind ? traits[kind] : { medium: 'typed' }
}

/** Channels whose traits pass the test. */
export function channelsWith(isSo: (traits: ChannelTraits) => boolean): ChannelKind[] {
  return channelKinds.filter((kind) => isSo(traits[kind]))
}

/** The channel of words that name none, as in a collection that is measured. */
export const assumedChannel: ChannelKind = 'email'
