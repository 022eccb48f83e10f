/**
 * One letter that many people send, each with words of their own below it; long enough to be a
 * campaign.
 */
export const petition =
  'We ask the town to keep the public library on Elm Street open on Saturdays. Children from the east side have no other quiet place to read and to do their homework, ' +
  'and many parents who work all week can only come then. Closing it saves little money and takes away a great deal. Please put the matter before the council at its next meeting.'

export function signedBy(
  name: string,
  own = ''
): {
  text: string
  sender: { name: string; emails: string[]; phones: string[]; addresses: string[] }
} {
  return {
    text: `${petition}\n\n${own}`.trim(),
    sender: {
      name,
      emails: [`${name.toLowerCase().replace(' ', '.')}@mail.example`],
      phones: [],
      addresses: []
    }
  }
}
