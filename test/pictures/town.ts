/** An afternoon in Willow Creek: invented contacts, so that pages in pictures have something to show. */
import { sql } from 'kysely'
import { bringIn, town, type Mail } from '../helpers/contacts.ts'
import { petition, signedBy } from '../helpers/letters.ts'
import { openPipeline } from '../helpers/pipeline.ts'
import type { Site } from '../helpers/site.ts'
import { makeStaff } from '../helpers/staff.ts'

const person = (name: string, local: string, phone?: string) => ({
  name,
  emails: [`${local}@mail.example`],
  phones: phone ? [phone] : [],
  addresses: []
})

const rosa = person('Rosa Delgado', 'rosa.delgado', '+12175550142')
const swing =
  'The chain of the left swing at the Cottonwood Park playground is broken near the top. The seat hangs on one side, about a foot off the ground, and children still try to use it.\n\nIt is the swing next to the creek path, not the one by the parking lot.'

/** In the order of their arrival. */
const mails: readonly Mail[] = [
  {
    sender: rosa,
    subject: 'Broken swing chain at Cottonwood Park',
    text: swing,
    channel: 'web',
    to: town('parks')
  },
  {
    sender: rosa,
    subject: 'Broken swing chain at Cottonwood Park',
    text: swing,
    to: town('parks')
  },
  {
    sender: person('Tom Okafor', 'tom.okafor'),
    subject: 'Little league field on April 11',
    text: 'Could our team have the north field on April 11 from 9 to 12? We are about 30 children and 10 parents.'
  },
  {
    sender: { emails: [], phones: ['+12175550142'], addresses: [] },
    channel: 'phone',
    subject: 'Voicemail',
    text: 'The swing by the creek at Cottonwood Park is broken, please send somebody before the picnic.'
  },
  {
    sender: person('Joan Tiller', 'joan.tiller'),
    to: town('streets'),
    subject: 'Branch over the sidewalk in front of 214 Alder Lane',
    text: 'A large branch has come down over the sidewalk. People with strollers have to go into the street.'
  },
  {
    sender: person('Miguel Santos', 'miguel.santos'),
    to: town('streets'),
    language: 'es',
    subject: 'Farola apagada en la calle Roble',
    text: 'La farola delante del número 12 de la calle Roble lleva dos semanas apagada. De noche no se ve nada.'
  },
  {
    to: town('parks'),
    subject: 'Dead ash tree behind the library',
    text: 'The ash behind the library is dead. It leans towards the bicycle stand.'
  },
  ...Array.from({ length: 9 }, (_, index) => ({
    to: town('parks'),
    sender: person(`Neighbor ${index + 1}`, `neighbor${index + 1}`),
    subject: ['Opening hours of the pool', 'Dog park fence', 'Drinking fountain'][index % 3]!,
    text: `Question ${index + 1}: ${['When does the pool open in June?', 'The fence of the dog park has a hole near the gate.', 'The drinking fountain at the tennis courts is dry.'][index % 3]!} Thank you, neighbor ${index + 1}.`
  })),
  ...['Helen Park', 'Ivan Petrov', 'Mary Obi', 'Carl Weiss'].map((name, index) => ({
    ...signedBy(
      name,
      `My ${['children', 'mother', 'students', 'neighbors'][index]} go there every week.`
    ),
    to: town('clerk'),
    subject: 'Library hours',
    text: `${petition}\n\nMy ${['children', 'mother', 'students', 'neighbors'][index]} go there every week.`
  }))
]

export interface Town {
  readonly receipts: readonly string[]
  readonly staff: Readonly<Record<'agent' | 'mailroom' | 'supervisor' | 'admin', { email: string }>>
}

/** Fills a site; the first contacts wait the longest. */
export async function fillTown(site: Site): Promise<Town> {
  const { runtime } = site
  const pipeline = openPipeline(runtime)
  const receipts: string[] = []
  for (const mail of mails) {
    const { contactId, receipt } = await bringIn(runtime, mail)
    receipts.push(receipt)
    await pipeline.run([contactId])
  }
  const broken = await runtime.acceptor.accept({
    channel: 'web',
    source: 'contact',
    bytes: Buffer.from('broken'),
    mediaType: 'multipart/form-data; boundary=x',
    evidence: {}
  })
  await pipeline.run([broken.contactId])
  await pipeline.close()
  const staff = {
    agent: await makeStaff(runtime, 'agent', ['parks', 'streets']),
    mailroom: await makeStaff(runtime, 'mailroom'),
    supervisor: await makeStaff(runtime, 'supervisor', ['parks', 'streets']),
    admin: await makeStaff(runtime, 'admin', ['general'])
  }
  for (const [role, name] of Object.entries(names))
    await sql`update staff set name = ${name} where id =
      ${staff[role as keyof typeof staff].id}`.execute(runtime.db)
  return { receipts, staff }
}

const names = {
  agent: 'Ana Whitfield',
  mailroom: 'Mia Torres',
  supervisor: 'Sue Lindqvist',
  admin: 'Ed Marsh'
}
