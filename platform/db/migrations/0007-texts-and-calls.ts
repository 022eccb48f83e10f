import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/** What providers keep for us, texts, calls. */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  // Which of the files a provider keeps for a contact are here. Addresses and credentials are not
  // stored: the channel says them anew.
  `create table remote_files (
    contact_id uuid not null references contacts,
    number integer not null check (number >= 0),
    name text not null,
    state text not null check (state in ('held', 'waiting', 'fetched', 'missing')),
    sha256 text,
    media_type text,
    reason text,
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (contact_id, number),
    check ((state = 'fetched') = (sha256 is not null and media_type is not null)),
    check ((state = 'missing') <= (reason is not null))
  )`,
  "create index remote_files_due on remote_files (due_at) where state = 'waiting'",
  "create index remote_files_waiting on remote_files (contact_id) where state = 'waiting'",

  // What the carrier said of a text of ours. "tried_at" tells a send whose end nobody saw, so that
  // it is looked for before it is repeated.
  'alter table outbound add column tried_at timestamptz',
  'alter table outbound add column provider_id text',
  'alter table outbound add column delivery text',
  'alter table outbound add column delivery_rank integer not null default 0',

  // Whether a number may be texted, by the latest arrival that said so; a number that said nothing
  // may.
  `create table text_consents (
    address text primary key,
    allowed boolean not null,
    ordinal bigint not null,
    contact_id uuid not null references contacts,
    changed_at timestamptz not null default now()
  )`,

  // "Is it about your earlier text?", asked of a text that already stands at its own place.
  `create table text_questions (
    contact_id uuid primary key references contacts,
    case_id uuid not null references cases,
    earlier_case_id uuid not null references cases,
    earlier_receipt text not null,
    person text not null,
    number text not null,
    asked_at timestamptz not null default now(),
    answer text check (answer in ('same', 'new')),
    answered_by uuid references contacts,
    joined text,
    check ((answer is null) = (answered_by is null))
  )`,
  'create index text_questions_open on text_questions (person, number) where answer is null',
  "create index text_questions_answered on text_questions (contact_id) where answer = 'same' and joined is null",
  // Those that came without a provider's signature: few, and looked through for each one that the
  // provider says was missed.
  "create index contacts_unsigned on contacts (channel, source, ordinal) where evidence ->> 'signature' = 'not valid'",
  "create index contacts_texts on contacts ((envelope -> 'evidence' ->> 'from'), (envelope -> 'evidence' ->> 'to'), ordinal) where channel = 'sms'",

  // What machines made of recordings: annotations, never the record. They may come before the
  // contact, or never.
  `create table call_transcripts (
    call_id text not null,
    recording_id text not null,
    engine text not null,
    status text not null check (status in ('completed', 'failed')),
    text text not null,
    language text,
    confidence real check (confidence between 0 and 1),
    received_at timestamptz not null default now(),
    primary key (call_id, recording_id, engine)
  )`
]
