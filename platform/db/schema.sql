-- The tables as PostgreSQL has them after every migration. Written by `npm run schema`; test/platform/db/schema.test.ts compares.
-- Read it to see what a migration did; the migrations in platform/db/migrations/ are what runs.

create extension pg_trgm;

create sequence arrivals as bigint;

create sequence batch_numbers as bigint;

create sequence turns as bigint;

CREATE OR REPLACE FUNCTION public.address_key(address text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
      select case when address like '%@%' then lower(trim(address))
        when address !~ '[[:alpha:]]' and length(regexp_replace(address, '\D', '', 'g')) >= 7
          then right(regexp_replace(address, '\D', '', 'g'), 9)
        else lower(regexp_replace(trim(address), '[\s,]+', ' ', 'g')) end $function$;

CREATE OR REPLACE FUNCTION public.begin_numbering()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    declare told ledger_runs;
    begin
      select * into told from ledger_runs where run = pg_backend_pid();
      perform set_config('evenhand.event_number', coalesce(told.events, 0)::text, true);
      perform set_config('evenhand.event_hash', coalesce(told.hash, ''), true);
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION public.contact_mark(receipt text, channel text, source text, external_id text, recipients text[])
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select left(encode(sha256(convert_to(jsonb_build_array(receipt, channel, source, external_id, to_jsonb(recipients))::text, 'UTF8')), 'hex'), 32) $function$;

CREATE OR REPLACE FUNCTION public.drop_constituent_keys()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
  begin
    delete from constituent_keys where key = any(old.keys) and constituent_id = old.id;
    return null;
  end $function$;

CREATE OR REPLACE FUNCTION public.drop_duplicate_keys()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
  begin
    delete from duplicate_keys where key = any(old.keys) and no = old.no;
    return null;
  end $function$;

CREATE OR REPLACE FUNCTION public.drop_mention_keys()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
  begin
    delete from mention_keys where key = any(old.keys) and contact_id = old.contact_id and role = old.role;
    return null;
  end $function$;

CREATE OR REPLACE FUNCTION public.end_numbering()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      insert into ledger_runs (run, events, hash) values (pg_backend_pid(), current_setting('evenhand.event_number')::bigint, current_setting('evenhand.event_hash'))
      on conflict (run) do update set events = excluded.events, hash = excluded.hash where ledger_runs.events <> excluded.events;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION public.event_hash(before text, event events)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select left(encode(sha256(convert_to(jsonb_build_array(before, event.id, event.at at time zone 'UTC', event.kind, event.department, event.turn, event.case_id, event.contact_id,
      event.actor, event.data)::text, 'UTF8')), 'hex'), 32) $function$;

CREATE OR REPLACE FUNCTION public.keep_access_log()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      if tg_op = 'DELETE' then
        if old.at < now() - interval '400 days' then return old; end if;
      end if;
      raise exception 'the access log is append-only for 400 days';
    end $function$;

CREATE OR REPLACE FUNCTION public.name_words(value text)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select to_tsvector('simple'::regconfig, regexp_replace(normalize(lower(value), NFD), '[\u0300-\u036f''’.]', '', 'g')) $function$;

CREATE OR REPLACE FUNCTION public.note_mark(note notes)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
      select left(encode(sha256(convert_to(jsonb_build_array(note.id, note.author,
        note.text)::text, 'UTF8')), 'hex'), 32) $function$;

CREATE OR REPLACE FUNCTION public.note_search_due()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      insert into search_due (source, source_id) values (tg_argv[0], new.id)
      on conflict (source, source_id) do update set asked_at = excluded.asked_at;
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION public.number_event()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      new.run := pg_backend_pid();
      new.run_number := current_setting('evenhand.event_number')::bigint + 1;
      new.hash := event_hash(current_setting('evenhand.event_hash'), new);
      perform set_config('evenhand.event_number', new.run_number::text, true);
      perform set_config('evenhand.event_hash', new.hash, true);
      return new;
    end $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin raise exception 'the ledger is append-only'; end $function$;

CREATE OR REPLACE FUNCTION public.reply_mark(answer answers)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
      select left(encode(sha256(convert_to(jsonb_build_array(answer.id, answer.way,
        answer.address, answer.subject, answer.text)::text, 'UTF8')), 'hex'), 32) $function$;

CREATE OR REPLACE FUNCTION public.said_mark(receipt text, envelope jsonb)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select left(encode(sha256(convert_to(jsonb_build_array(receipt, envelope)::text, 'UTF8')), 'hex'), 32) $function$;

CREATE OR REPLACE FUNCTION public.search_plain(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select case when value ~ '[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]'
      then regexp_replace(regexp_replace(normalize(lower(value), NFD), '[̀-ͯ]', '', 'g'), '[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0e\ufe0f\u200d]', ' ', 'g') || (
        select string_agg(' sign' || to_hex(ascii(sign[1])), '')
        from regexp_matches(value, '[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]', 'g') as sign)
      else regexp_replace(normalize(lower(value), NFD), '[̀-ͯ]', '', 'g') end $function$;

CREATE OR REPLACE FUNCTION public.sender_keys(sender jsonb)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
      select coalesce(array_agg(address_key(value)), '{}') from (
        select jsonb_array_elements_text(sender -> 'emails')
        union all select jsonb_array_elements_text(sender -> 'phones')
        union all select jsonb_array_elements_text(sender -> 'addresses')) as given (value) $function$;

CREATE OR REPLACE FUNCTION public.staff_mark(salt uuid, email text, name text)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select left(encode(sha256(convert_to(jsonb_build_array(salt, email, name)::text, 'UTF8')), 'hex'), 32) $function$;

CREATE OR REPLACE FUNCTION public.standing_case(start uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE
AS $function$
    with recursive way as (
      select id, joined_into from cases where id = start union all select cases.id, cases.joined_into from cases join way on cases.id = way.joined_into
    ) select id from way where joined_into is null $function$;

create table access_log (
  id bigint not null generated always as identity,
  at timestamp with time zone not null default clock_timestamp(),
  actor text,
  what text not null,
  target text,
  origin text not null,
  constraint access_log_pkey PRIMARY KEY (id)
);

create table address_proofs (
  id uuid not null,
  contact_id uuid not null,
  purpose text not null,
  way text not null,
  address text not null,
  address_hash text not null,
  own boolean not null,
  language text not null,
  asked_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  tries integer not null default 0,
  proved_at timestamp with time zone,
  told_event bigint,
  stopped_at timestamp with time zone,
  constraint address_proofs_pkey PRIMARY KEY (id),
  constraint address_proofs_check CHECK (((told_event IS NOT NULL) = ((purpose = 'updates'::text) AND (proved_at IS NOT NULL)))),
  constraint address_proofs_check1 CHECK (((stopped_at IS NULL) OR ((purpose = 'updates'::text) AND (proved_at IS NOT NULL)))),
  constraint address_proofs_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint address_proofs_purpose_check CHECK ((purpose = ANY (ARRAY['updates'::text, 'answer'::text]))),
  constraint address_proofs_way_check CHECK ((way = ANY (ARRAY['mail'::text, 'text'::text])))
);

create table answer_files (
  answer_id uuid not null,
  position integer not null,
  name text not null,
  media_type text not null,
  bytes integer not null,
  sha256 text not null,
  constraint answer_files_pkey PRIMARY KEY (answer_id, "position"),
  constraint answer_files_answer_id_fkey FOREIGN KEY (answer_id) REFERENCES answers(id)
);

create table answers (
  id uuid not null,
  campaign_id uuid,
  text text not null,
  written_by text not null,
  written_at timestamp with time zone not null default now(),
  case_id uuid,
  contact_id uuid,
  way text,
  address text,
  typed boolean not null default false,
  name text,
  language text,
  subject text,
  state text not null default 'owed'::text,
  decided_by text,
  decided_at timestamp with time zone,
  constraint answers_pkey PRIMARY KEY (id),
  constraint answers_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
  constraint answers_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint answers_check CHECK (((campaign_id IS NOT NULL) OR ((case_id IS NOT NULL) AND (contact_id IS NOT NULL) AND (way IS NOT NULL) AND (address IS NOT NULL) AND (language IS NOT NULL)))),
  constraint answers_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint answers_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'sent-back'::text, 'owed'::text]))),
  constraint answers_way_check CHECK ((way = ANY (ARRAY['mail'::text, 'text'::text, 'letter'::text, 'call'::text])))
);

create table api_key_secrets (
  hash text not null,
  key_id uuid not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint api_key_secrets_pkey PRIMARY KEY (hash),
  constraint api_key_secrets_key_id_fkey FOREIGN KEY (key_id) REFERENCES api_keys(id) ON DELETE CASCADE
);

create table api_keys (
  id uuid not null,
  name text not null,
  scopes text[] not null,
  per_minute integer not null,
  created_at timestamp with time zone not null default now(),
  disabled_at timestamp with time zone,
  salt uuid not null default gen_random_uuid(),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_per_minute_check CHECK ((per_minute > 0))
);

create table batches (
  id text not null,
  received_at timestamp with time zone not null,
  logged_at timestamp with time zone not null,
  logged_by text not null,
  note text,
  expected integer,
  state text not null default 'scanning'::text,
  hold_reasons text[] not null default '{}'::text[],
  problems text[] not null default '{}'::text[],
  printed integer not null default 0,
  origin text,
  seed bytea not null,
  ordinals bigint[],
  release_by text,
  release_reason text,
  released_at timestamp with time zone,
  updated_at timestamp with time zone not null default now(),
  constraint batches_pkey PRIMARY KEY (id),
  constraint batches_check CHECK ((received_at <= logged_at)),
  constraint batches_check1 CHECK (((state = 'released'::text) <= ((release_by IS NOT NULL) AND (ordinals IS NOT NULL) AND (released_at IS NOT NULL)))),
  constraint batches_expected_check CHECK ((expected >= 0)),
  constraint batches_id_check CHECK ((id ~ '^[A-Za-z0-9-]{1,40}$'::text)),
  constraint batches_state_check CHECK ((state = ANY (ARRAY['scanning'::text, 'reading'::text, 'held'::text, 'released'::text])))
);

create table blobs (
  sha256 text not null,
  content bytea storage external not null,
  constraint blobs_pkey PRIMARY KEY (sha256),
  constraint blobs_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table call_transcripts (
  call_id text not null,
  recording_id text not null,
  engine text not null,
  status text not null,
  text text not null,
  language text,
  confidence real,
  received_at timestamp with time zone not null default now(),
  constraint call_transcripts_pkey PRIMARY KEY (call_id, recording_id, engine),
  constraint call_transcripts_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
  constraint call_transcripts_status_check CHECK ((status = ANY (ARRAY['completed'::text, 'failed'::text])))
);

create table campaign_members (
  contact_id uuid not null,
  campaign_id uuid not null,
  joined_at timestamp with time zone not null default clock_timestamp(),
  joined_by text not null,
  joined_why text not null,
  left_at timestamp with time zone,
  left_by text,
  left_why text,
  constraint campaign_members_pkey PRIMARY KEY (contact_id),
  constraint campaign_members_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
  constraint campaign_members_check CHECK ((((left_at IS NULL) = (left_by IS NULL)) AND ((left_at IS NULL) = (left_why IS NULL))))
);

create table campaigns (
  id uuid not null default gen_random_uuid(),
  made_at timestamp with time zone not null default clock_timestamp(),
  merged_into uuid,
  merged_why text,
  merged_at timestamp with time zone,
  split_by text,
  split_why text,
  split_at timestamp with time zone,
  constraint campaigns_pkey PRIMARY KEY (id),
  constraint campaigns_check CHECK (((merged_into IS NULL) = (merged_why IS NULL))),
  constraint campaigns_check1 CHECK ((((split_at IS NULL) = (split_by IS NULL)) AND ((split_at IS NULL) = (split_why IS NULL)))),
  constraint campaigns_check2 CHECK ((merged_into <> id)),
  constraint campaigns_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES campaigns(id)
);

create table case_contacts (
  case_id uuid not null,
  contact_id uuid not null,
  role text not null,
  reason text not null,
  linked_at timestamp with time zone not null default now(),
  via uuid,
  constraint case_contacts_pkey PRIMARY KEY (case_id, contact_id),
  constraint case_contacts_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint case_contacts_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint case_contacts_role_check CHECK ((role = ANY (ARRAY['first'::text, 'duplicate'::text, 'follow-up'::text]))),
  constraint case_contacts_via_fkey FOREIGN KEY (via) REFERENCES cases(id)
);

create table case_links (
  id uuid not null default gen_random_uuid(),
  contact_id uuid not null,
  earlier_contact_id uuid not null,
  state text not null,
  reason text not null,
  evidence jsonb not null,
  made_by text not null,
  made_at timestamp with time zone not null default clock_timestamp(),
  decided_by text,
  decided_why text,
  decided_at timestamp with time zone,
  constraint case_links_pkey PRIMARY KEY (id),
  constraint case_links_check CHECK ((contact_id <> earlier_contact_id)),
  constraint case_links_check1 CHECK (((state = ANY (ARRAY['declined'::text, 'undone'::text])) <= ((decided_by IS NOT NULL) AND (decided_why IS NOT NULL) AND (decided_at IS NOT NULL)))),
  constraint case_links_contact_id_earlier_contact_id_key UNIQUE (contact_id, earlier_contact_id),
  constraint case_links_state_check CHECK ((state = ANY (ARRAY['suggested'::text, 'joined'::text, 'declined'::text, 'undone'::text])))
);

create table case_passes (
  case_id uuid not null,
  actor text not null,
  reason text not null,
  passed_at timestamp with time zone not null default now(),
  constraint case_passes_pkey PRIMARY KEY (case_id, actor),
  constraint case_passes_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table cases (
  id uuid not null,
  contact_id uuid not null,
  department text not null,
  state text not null,
  arrived_at timestamp with time zone not null,
  ordinal bigint not null,
  channel text not null,
  receipt text not null,
  language text not null,
  taken_by text,
  taken_at timestamp with time zone,
  lease_until timestamp with time zone,
  outcome text,
  updated_at timestamp with time zone not null default now(),
  joined_into uuid,
  outcome_id text,
  remind_at timestamp with time zone,
  part smallint not null default 1,
  constraint cases_pkey PRIMARY KEY (id),
  constraint cases_check CHECK (((state = 'taken'::text) = (taken_by IS NOT NULL))),
  constraint cases_contact_id_department_part_key UNIQUE (contact_id, department, part),
  constraint cases_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint cases_joined_check CHECK (((state = 'joined'::text) = (joined_into IS NOT NULL))),
  constraint cases_joined_into_fkey FOREIGN KEY (joined_into) REFERENCES cases(id),
  constraint cases_outcome_id_check CHECK (((outcome_id IS NULL) OR (state = 'closed'::text))),
  constraint cases_remind_at_check CHECK (((state = 'waiting-for-resident'::text) = (remind_at IS NOT NULL))),
  constraint cases_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'taken'::text, 'waiting-for-resident'::text, 'closed'::text, 'handed-off'::text, 'joined'::text])))
);

create table constituent_addresses (
  constituent_id bigint not null,
  value text not null,
  source text not null,
  seen_at timestamp with time zone not null default now(),
  constraint constituent_addresses_constituent_id_fkey FOREIGN KEY (constituent_id) REFERENCES constituents(id) ON DELETE CASCADE,
  constraint constituent_addresses_constituent_id_value_source_key UNIQUE (constituent_id, value, source)
);

create table constituent_emails (
  constituent_id bigint not null,
  value text not null,
  source text not null,
  seen_at timestamp with time zone not null default now(),
  constraint constituent_emails_constituent_id_fkey FOREIGN KEY (constituent_id) REFERENCES constituents(id) ON DELETE CASCADE,
  constraint constituent_emails_constituent_id_value_source_key UNIQUE (constituent_id, value, source)
);

create table constituent_keys (
  key bigint not null,
  constituent_id bigint not null,
  constraint constituent_keys_pkey PRIMARY KEY (key, constituent_id)
);

create table constituent_links (
  id bigint not null generated always as identity,
  contact_id uuid not null,
  constituent_id bigint not null,
  role text not null,
  verdict text not null,
  bits real,
  waterfall jsonb not null default '[]'::jsonb,
  linked_at timestamp with time zone not null default now(),
  linked_by text not null,
  reason text not null,
  unlinked_at timestamp with time zone,
  unlinked_by text,
  unlink_reason text,
  single boolean not null default false,
  constraint constituent_links_pkey PRIMARY KEY (id),
  constraint constituent_links_constituent_id_fkey FOREIGN KEY (constituent_id) REFERENCES constituents(id),
  constraint constituent_links_role_check CHECK ((role = ANY (ARRAY['sender'::text, 'subject'::text, 'representative'::text, 'writer'::text]))),
  constraint constituent_links_verdict_check CHECK ((verdict = ANY (ARRAY['linked'::text, 'possible'::text, 'new'::text])))
);

create table constituent_merges (
  id bigint not null generated always as identity,
  kept bigint not null,
  gone bigint not null,
  merged_at timestamp with time zone not null default now(),
  merged_by text not null,
  reason text not null,
  unmerged_at timestamp with time zone,
  unmerged_by text,
  unmerge_reason text,
  constraint constituent_merges_pkey PRIMARY KEY (id),
  constraint constituent_merges_gone_fkey FOREIGN KEY (gone) REFERENCES constituents(id),
  constraint constituent_merges_kept_fkey FOREIGN KEY (kept) REFERENCES constituents(id)
);

create table constituent_names (
  constituent_id bigint not null,
  value text not null,
  source text not null,
  seen_at timestamp with time zone not null default now(),
  constraint constituent_names_constituent_id_fkey FOREIGN KEY (constituent_id) REFERENCES constituents(id) ON DELETE CASCADE,
  constraint constituent_names_constituent_id_value_source_key UNIQUE (constituent_id, value, source)
);

create table constituent_phones (
  constituent_id bigint not null,
  value text not null,
  source text not null,
  seen_at timestamp with time zone not null default now(),
  constraint constituent_phones_constituent_id_fkey FOREIGN KEY (constituent_id) REFERENCES constituents(id) ON DELETE CASCADE,
  constraint constituent_phones_constituent_id_value_source_key UNIQUE (constituent_id, value, source)
);

create table constituent_sources (
  source text not null,
  external_id text not null,
  constituent_id bigint not null,
  imported_at timestamp with time zone not null default now(),
  constraint constituent_sources_pkey PRIMARY KEY (source, external_id),
  constraint constituent_sources_constituent_id_fkey FOREIGN KEY (constituent_id) REFERENCES constituents(id) ON DELETE CASCADE
);

create table constituents (
  id bigint not null generated always as identity,
  kind text not null,
  merged_into bigint,
  comparable jsonb not null,
  keys bigint[] not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  hashed boolean not null default false,
  made_from uuid,
  constraint constituents_pkey PRIMARY KEY (id),
  constraint constituents_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'organisation'::text]))),
  constraint constituents_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES constituents(id)
);

create table contact_documents (
  contact_id uuid not null,
  sha256 text not null,
  constraint contact_documents_pkey PRIMARY KEY (contact_id, sha256),
  constraint contact_documents_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id) ON DELETE CASCADE,
  constraint contact_documents_sha256_fkey FOREIGN KEY (sha256) REFERENCES documents(sha256)
);

create table contacts (
  id uuid not null,
  channel text not null,
  source text not null,
  external_id text not null,
  receipt text not null,
  arrived_at timestamp with time zone not null default clock_timestamp(),
  ordinal bigint not null default nextval('arrivals'::regclass),
  raw_sha256 text not null,
  raw_bytes bigint not null,
  media_type text not null,
  recipients text[] not null,
  evidence jsonb not null,
  state text not null,
  attempts integer not null default 0,
  kind text,
  tokens text[] not null default '{}'::text[],
  envelope jsonb,
  trail jsonb not null default '[]'::jsonb,
  outcome text,
  quarantine_code text,
  case_id uuid,
  updated_at timestamp with time zone not null default now(),
  unsure text,
  batch_id text,
  own_case_id uuid,
  discarded_at timestamp with time zone,
  envelope_bytes integer generated always as (octet_length((envelope)::text)) stored,
  constraint contacts_pkey PRIMARY KEY (id),
  constraint contacts_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint contacts_channel_source_external_id_key UNIQUE (channel, source, external_id),
  constraint contacts_kind_check CHECK ((kind = ANY (ARRAY['message'::text, 'auto-reply'::text, 'bounce'::text]))),
  constraint contacts_ordinal_key UNIQUE (ordinal),
  constraint contacts_outcome_check CHECK ((outcome = ANY (ARRAY['case'::text, 'duplicate'::text, 'follow-up'::text, 'quarantined'::text, 'auto-reply'::text, 'bounce'::text, 'batch'::text]))),
  constraint contacts_receipt_key UNIQUE (receipt),
  constraint contacts_state_check CHECK ((state = ANY (ARRAY['accepted'::text, 'documents'::text, 'read'::text, 'settled'::text, 'quarantined'::text])))
);

create table document_files (
  parent text not null,
  position integer not null,
  name text not null,
  media_type text not null,
  bytes bigint not null,
  sha256 text,
  readable boolean not null,
  withheld text,
  constraint document_files_pkey PRIMARY KEY (parent, "position"),
  constraint document_files_check CHECK (((sha256 IS NULL) = (withheld IS NOT NULL))),
  constraint document_files_parent_fkey FOREIGN KEY (parent) REFERENCES documents(sha256) ON DELETE CASCADE,
  constraint document_files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table document_pages (
  sha256 text not null,
  number integer not null,
  text text not null,
  confidence real not null,
  rotation smallint not null,
  skew real not null,
  blank boolean not null,
  words bytea storage external not null,
  barcodes jsonb,
  source text not null,
  width_px integer not null,
  height_px integer not null,
  dpi real not null,
  withheld text,
  image text,
  image_type text,
  extras jsonb,
  reader_version integer not null,
  constraint document_pages_pkey PRIMARY KEY (sha256, number),
  constraint document_pages_check CHECK (((image IS NULL) = (image_type IS NULL))),
  constraint document_pages_sha256_fkey FOREIGN KEY (sha256) REFERENCES documents(sha256) ON DELETE CASCADE,
  constraint document_pages_source_check CHECK ((source = ANY (ARRAY['text-layer'::text, 'ocr'::text])))
);

create table documents (
  sha256 text not null,
  bytes bigint not null,
  media_type text,
  kind text,
  pages integer,
  barcodes boolean not null default false,
  outcome text,
  reason text,
  searchable_pdf text,
  reader_version integer not null,
  attempts integer not null default 0,
  asked_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  read_at timestamp with time zone,
  pages_only boolean not null default false,
  constraint documents_pkey PRIMARY KEY (sha256),
  constraint documents_outcome_check CHECK ((outcome = ANY (ARRAY['read'::text, 'withheld'::text]))),
  constraint documents_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table draft_files (
  case_id uuid not null,
  author text not null,
  position integer not null,
  name text not null,
  media_type text not null,
  bytes integer not null,
  sha256 text not null,
  constraint draft_files_pkey PRIMARY KEY (case_id, author, "position"),
  constraint draft_files_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table drafts (
  case_id uuid not null,
  author text not null,
  kind text not null,
  version integer not null default 1,
  fields jsonb not null,
  other jsonb not null default '[]'::jsonb,
  updated_at timestamp with time zone not null default now(),
  becomes uuid,
  sent jsonb not null default '[]'::jsonb,
  kept_from timestamp with time zone,
  constraint drafts_pkey PRIMARY KEY (case_id, author, kind),
  constraint drafts_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint drafts_kind_check CHECK ((kind = ANY (ARRAY['reply'::text, 'note'::text])))
);

create table duplicate_contacts (
  no bigint not null generated always as identity,
  contact_id uuid not null,
  arrived_at timestamp with time zone not null,
  lat double precision,
  long double precision,
  category text,
  keys integer[] not null default '{}'::integer[],
  constraint duplicate_contacts_pkey PRIMARY KEY (no),
  constraint duplicate_contacts_contact_id_key UNIQUE (contact_id)
);

create table duplicate_keys (
  key integer not null,
  no bigint not null,
  constraint duplicate_keys_pkey PRIMARY KEY (key, no)
);

create table duties (
  id uuid not null,
  kind text not null,
  case_id uuid not null,
  answer_id uuid not null,
  contact_id uuid not null,
  opened_at timestamp with time zone not null default now(),
  settled_at timestamp with time zone,
  settled_by text,
  how text,
  words text,
  constraint duties_pkey PRIMARY KEY (id),
  constraint duties_answer_id_contact_id_kind_key UNIQUE (answer_id, contact_id, kind),
  constraint duties_answer_id_fkey FOREIGN KEY (answer_id) REFERENCES answers(id),
  constraint duties_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint duties_check CHECK ((((settled_at IS NULL) = (settled_by IS NULL)) AND ((settled_at IS NULL) = (how IS NULL)))),
  constraint duties_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint duties_kind_check CHECK ((kind = ANY (ARRAY['undelivered'::text, 'complaint'::text, 'letter'::text, 'call'::text])))
);

create table enclosures (
  id uuid not null,
  letter_id uuid not null,
  what text not null,
  logged_by text not null,
  logged_at timestamp with time zone not null default now(),
  confirmed_by text,
  confirmed_at timestamp with time zone,
  constraint enclosures_pkey PRIMARY KEY (id),
  constraint enclosures_check CHECK (((confirmed_by IS NULL) = (confirmed_at IS NULL))),
  constraint enclosures_check1 CHECK ((confirmed_by <> logged_by)),
  constraint enclosures_letter_id_fkey FOREIGN KEY (letter_id) REFERENCES letters(id)
);

create table events (
  id bigint not null generated always as identity,
  at timestamp with time zone not null default clock_timestamp(),
  kind text not null,
  department text,
  turn bigint,
  case_id uuid,
  contact_id uuid,
  actor text not null,
  data jsonb not null,
  run bigint,
  run_number bigint,
  hash text,
  constraint events_pkey PRIMARY KEY (id),
  constraint events_check CHECK (((department IS NULL) = (turn IS NULL)))
);

create table idempotent_requests (
  owner text not null,
  idempotency_key text not null,
  fingerprint text not null,
  state text not null default 'running'::text,
  started_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  status integer,
  headers jsonb,
  body text,
  constraint idempotent_requests_pkey PRIMARY KEY (owner, idempotency_key),
  constraint idempotent_requests_check CHECK (((state = 'done'::text) = (status IS NOT NULL))),
  constraint idempotent_requests_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text])))
);

create table ledger_runs (
  run bigint not null,
  events bigint not null,
  hash text not null default ''::text,
  constraint ledger_runs_pkey PRIMARY KEY (run)
);

create table letters (
  id uuid not null,
  batch_id text not null,
  scan_id uuid not null,
  page integer not null,
  live boolean not null default true,
  contact_id uuid,
  made_of jsonb,
  attempts integer not null default 0,
  tried_at timestamp with time zone,
  joined_to uuid,
  joined_by text,
  left_case uuid,
  unfollowed text,
  sender_name text,
  sender_address text,
  postmark date,
  legal_receipt date,
  envelope_scan uuid,
  envelope_page integer,
  tracking_number text,
  location text,
  disposition text,
  sender_email text,
  sender_phone text,
  constraint letters_pkey PRIMARY KEY (id),
  constraint letters_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint letters_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint letters_disposition_check CHECK ((disposition = ANY (ARRAY['keep'::text, 'return'::text, 'forward'::text, 'shred'::text]))),
  constraint letters_joined_to_fkey FOREIGN KEY (joined_to) REFERENCES letters(id),
  constraint letters_left_case_fkey FOREIGN KEY (left_case) REFERENCES cases(id),
  constraint letters_scan_id_page_fkey FOREIGN KEY (scan_id, page) REFERENCES sheets(scan_id, page),
  constraint letters_scan_id_page_key UNIQUE (scan_id, page)
);

create table looks_due (
  contact_id uuid not null,
  because text not null,
  attempts integer not null default 0,
  asked_at timestamp with time zone not null default clock_timestamp(),
  constraint looks_due_pkey PRIMARY KEY (contact_id),
  constraint looks_due_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id) ON DELETE CASCADE
);

create table mailbox_messages (
  place text not null,
  uid_validity bigint not null,
  message text not null,
  contact_id uuid,
  tries integer not null default 0,
  due_at timestamp with time zone,
  reason text,
  recorded_at timestamp with time zone not null default now(),
  round integer,
  received_at timestamp with time zone,
  constraint mailbox_messages_pkey PRIMARY KEY (place, uid_validity, message),
  constraint mailbox_messages_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id)
);

create table mailbox_states (
  place text not null,
  uid_validity bigint,
  waiting integer not null default 0,
  looked_at timestamp with time zone,
  taken_at timestamp with time zone,
  failed_at timestamp with time zone,
  failure text,
  round integer not null default 1,
  cursor text,
  constraint mailbox_states_pkey PRIMARY KEY (place),
  constraint mailbox_states_cursor_check CHECK ((length(cursor) <= 8192))
);

create table matching_models (
  id bigint not null generated always as identity,
  model jsonb not null,
  trained_on bigint not null,
  trained_at timestamp with time zone not null default now(),
  register_size bigint not null default 0,
  hashed boolean not null default false,
  constraint matching_models_pkey PRIMARY KEY (id)
);

create table mention_keys (
  key bigint not null,
  contact_id uuid not null,
  role text not null,
  constraint mention_keys_pkey PRIMARY KEY (key, contact_id, role)
);

create table mentions (
  contact_id uuid not null,
  role text not null,
  keys bigint[] not null default '{}'::bigint[],
  named boolean not null default false,
  hashed boolean not null default false,
  decided_by text,
  constraint mentions_pkey PRIMARY KEY (contact_id, role),
  constraint mentions_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id) ON DELETE CASCADE,
  constraint mentions_role_check CHECK ((role = ANY (ARRAY['sender'::text, 'subject'::text, 'representative'::text, 'writer'::text])))
);

create table note_mentions (
  note_id uuid not null,
  staff_id uuid not null,
  read_at timestamp with time zone,
  constraint note_mentions_pkey PRIMARY KEY (note_id, staff_id),
  constraint note_mentions_note_id_fkey FOREIGN KEY (note_id) REFERENCES notes(id),
  constraint note_mentions_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id)
);

create table notes (
  id uuid not null,
  case_id uuid not null,
  author text not null,
  text text not null,
  written_at timestamp with time zone not null default now(),
  constraint notes_pkey PRIMARY KEY (id),
  constraint notes_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table one_time_tokens (
  token text not null,
  use text not null,
  expires_at timestamp with time zone not null,
  constraint one_time_tokens_pkey PRIMARY KEY (token)
);

create table outbound (
  id uuid not null,
  contact_id uuid not null,
  kind text not null,
  state text not null default 'waiting'::text,
  reason text,
  attempts integer not null default 0,
  due_at timestamp with time zone not null default now(),
  sent_at timestamp with time zone,
  tried_at timestamp with time zone,
  provider_id text,
  delivery text,
  delivery_rank integer not null default 0,
  addressee jsonb,
  constraint outbound_pkey PRIMARY KEY (id),
  constraint outbound_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint outbound_contact_id_kind_key UNIQUE (contact_id, kind),
  constraint outbound_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'undeliverable'::text, 'failed'::text])))
);

create table rate_limits (
  key text not null,
  points integer not null,
  expire bigint not null,
  constraint rate_limits_pkey PRIMARY KEY (key)
);

create table remote_files (
  contact_id uuid not null,
  number integer not null,
  name text not null,
  state text not null,
  sha256 text,
  media_type text,
  reason text,
  attempts integer not null default 0,
  due_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint remote_files_pkey PRIMARY KEY (contact_id, number),
  constraint remote_files_check CHECK (((state = 'fetched'::text) = ((sha256 IS NOT NULL) AND (media_type IS NOT NULL)))),
  constraint remote_files_check1 CHECK (((state = 'missing'::text) <= (reason IS NOT NULL))),
  constraint remote_files_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint remote_files_number_check CHECK ((number >= 0)),
  constraint remote_files_state_check CHECK ((state = ANY (ARRAY['held'::text, 'waiting'::text, 'fetched'::text, 'missing'::text])))
);

create table reply_budget (
  day date not null,
  address_hash text not null,
  replies integer not null,
  constraint reply_budget_pkey PRIMARY KEY (day, address_hash)
);

create table scans (
  id uuid not null,
  seq bigint not null generated always as identity,
  batch_id text not null,
  name text not null,
  sha256 text not null,
  media_type text not null,
  bytes bigint not null,
  pages integer,
  state text not null default 'stored'::text,
  side text not null default 'both'::text,
  reason text,
  attempts integer not null default 0,
  tried_at timestamp with time zone,
  added_by text not null,
  added_at timestamp with time zone not null default now(),
  constraint scans_pkey PRIMARY KEY (id),
  constraint scans_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint scans_batch_id_name_sha256_key UNIQUE (batch_id, name, sha256),
  constraint scans_side_check CHECK ((side = ANY (ARRAY['both'::text, 'fronts'::text, 'backs'::text]))),
  constraint scans_state_check CHECK ((state = ANY (ARRAY['stored'::text, 'reading'::text, 'read'::text, 'withheld'::text])))
);

create table search_due (
  source text not null,
  source_id uuid not null,
  asked_at timestamp with time zone not null default clock_timestamp(),
  constraint search_due_pkey PRIMARY KEY (source, source_id)
);

create table search_entries (
  source text not null,
  source_id uuid not null,
  part smallint not null,
  contact_id uuid,
  at timestamp with time zone not null,
  head text not null,
  words tsvector not null,
  case_id uuid,
  constraint search_entries_pkey PRIMARY KEY (source, source_id, part),
  constraint search_entries_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id) ON DELETE CASCADE,
  constraint search_entries_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id) ON DELETE CASCADE,
  constraint search_entries_source_check CHECK ((source = ANY (ARRAY['contact'::text, 'outcome'::text, 'reply'::text, 'note'::text, 'answer'::text])))
);

create table secrets (
  name text not null,
  value bytea not null,
  constraint secrets_pkey PRIMARY KEY (name)
);

create table sheets (
  scan_id uuid not null,
  page integer not null,
  kind text,
  starts boolean,
  turned integer not null default 0,
  lot integer,
  thumbnail_sha256 text,
  withheld text,
  constraint sheets_pkey PRIMARY KEY (scan_id, page),
  constraint sheets_kind_check CHECK ((kind = ANY (ARRAY['page'::text, 'separator'::text, 'blank'::text]))),
  constraint sheets_page_check CHECK ((page >= 1)),
  constraint sheets_scan_id_fkey FOREIGN KEY (scan_id) REFERENCES scans(id),
  constraint sheets_turned_check CHECK ((turned = ANY (ARRAY[0, 90, 180, 270])))
);

create table sign_in_failures (
  account_hash text not null,
  origin_hash text not null,
  failures integer not null default 1,
  blocked_until timestamp with time zone,
  failed_at timestamp with time zone not null default now(),
  constraint sign_in_failures_pkey PRIMARY KEY (account_hash, origin_hash)
);

create table staff (
  id uuid not null,
  email text not null,
  name text not null,
  role text not null,
  departments text[] not null default '{}'::text[],
  password_hash text,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  salt uuid not null default gen_random_uuid(),
  constraint staff_pkey PRIMARY KEY (id),
  constraint staff_email_check CHECK ((email = lower(email))),
  constraint staff_email_key UNIQUE (email),
  constraint staff_role_check CHECK ((role = ANY (ARRAY['agent'::text, 'mailroom'::text, 'supervisor'::text, 'admin'::text])))
);

create table staff_invites (
  token_hash text not null,
  staff_id uuid not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint staff_invites_pkey PRIMARY KEY (token_hash),
  constraint staff_invites_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE CASCADE
);

create table staff_sessions (
  id_hash text not null,
  staff_id uuid not null,
  created_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint staff_sessions_pkey PRIMARY KEY (id_hash),
  constraint staff_sessions_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE CASCADE
);

create table text_consents (
  address text not null,
  allowed boolean not null,
  ordinal bigint not null,
  contact_id uuid not null,
  changed_at timestamp with time zone not null default now(),
  constraint text_consents_pkey PRIMARY KEY (address),
  constraint text_consents_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id)
);

create table text_questions (
  contact_id uuid not null,
  case_id uuid not null,
  earlier_case_id uuid not null,
  earlier_receipt text not null,
  person text not null,
  number text not null,
  asked_at timestamp with time zone not null default now(),
  answer text,
  answered_by uuid,
  joined text,
  constraint text_questions_pkey PRIMARY KEY (contact_id),
  constraint text_questions_answer_check CHECK ((answer = ANY (ARRAY['same'::text, 'new'::text]))),
  constraint text_questions_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES contacts(id),
  constraint text_questions_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint text_questions_check CHECK (((answer IS NULL) = (answered_by IS NULL))),
  constraint text_questions_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint text_questions_earlier_case_id_fkey FOREIGN KEY (earlier_case_id) REFERENCES cases(id)
);

create table webhook_failures (
  id uuid not null,
  department text not null,
  turn bigint not null,
  event_id bigint not null,
  reason text not null,
  attempts integer not null,
  failed_at timestamp with time zone not null default now(),
  state text not null default 'waiting'::text,
  decided_at timestamp with time zone,
  constraint webhook_failures_pkey PRIMARY KEY (id),
  constraint webhook_failures_department_turn_key UNIQUE (department, turn),
  constraint webhook_failures_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'dismissed'::text])))
);

create table webhook_lines (
  department text not null,
  turn bigint not null,
  state text not null default 'running'::text,
  reason text,
  attempts integer not null default 0,
  failing_since timestamp with time zone,
  due_at timestamp with time zone not null default now(),
  claim uuid,
  claimed_until timestamp with time zone,
  delivered_at timestamp with time zone,
  constraint webhook_lines_pkey PRIMARY KEY (department),
  constraint webhook_lines_state_check CHECK ((state = ANY (ARRAY['running'::text, 'stopped'::text])))
);

CREATE INDEX access_log_actor ON public.access_log USING btree (actor, id DESC) WHERE (actor IS NOT NULL);
CREATE INDEX access_log_target ON public.access_log USING btree (target, id DESC) WHERE (target IS NOT NULL);
CREATE INDEX access_log_what ON public.access_log USING btree (what, id DESC);
CREATE INDEX address_proofs_address ON public.address_proofs USING btree (address_hash, asked_at);
CREATE INDEX address_proofs_asked ON public.address_proofs USING btree (asked_at);
CREATE INDEX address_proofs_contact ON public.address_proofs USING btree (contact_id);
CREATE UNIQUE INDEX address_proofs_updates ON public.address_proofs USING btree (contact_id, way) WHERE ((told_event IS NOT NULL) AND (stopped_at IS NULL));
CREATE INDEX answers_campaign ON public.answers USING btree (campaign_id);
CREATE INDEX answers_case ON public.answers USING btree (case_id) WHERE (case_id IS NOT NULL);
CREATE INDEX answers_proposed ON public.answers USING btree (case_id) WHERE (state = 'proposed'::text);
CREATE INDEX api_key_secrets_key ON public.api_key_secrets USING btree (key_id);
CREATE INDEX batches_logged ON public.batches USING btree (logged_at);
CREATE UNIQUE INDEX batches_once ON public.batches USING btree (origin) WHERE (starts_with(origin, 'mail/'::text) OR starts_with(origin, 'submit/'::text));
CREATE INDEX batches_open ON public.batches USING btree (state, logged_at) WHERE (state <> 'released'::text);
CREATE UNIQUE INDEX batches_origin ON public.batches USING btree (origin) WHERE (state = 'scanning'::text);
CREATE INDEX campaign_members_campaign ON public.campaign_members USING btree (campaign_id, joined_at);
CREATE INDEX case_contacts_contact ON public.case_contacts USING btree (contact_id);
CREATE INDEX case_contacts_via ON public.case_contacts USING btree (via) WHERE (via IS NOT NULL);
CREATE INDEX case_links_earlier ON public.case_links USING btree (earlier_contact_id);
CREATE INDEX case_passes_actor ON public.case_passes USING btree (actor);
CREATE INDEX cases_holders ON public.cases USING btree (taken_by) WHERE (state = 'taken'::text);
CREATE INDEX cases_joined ON public.cases USING btree (joined_into) WHERE (joined_into IS NOT NULL);
CREATE INDEX cases_leases ON public.cases USING btree (lease_until) WHERE (state = 'taken'::text);
CREATE INDEX cases_line ON public.cases USING btree (department, arrived_at, ordinal, id) WHERE (state = 'waiting'::text);
CREATE INDEX cases_receipt ON public.cases USING btree (receipt);
CREATE INDEX cases_reminders ON public.cases USING btree (remind_at) WHERE (state = 'waiting-for-resident'::text);
CREATE INDEX constituent_links_constituent ON public.constituent_links USING btree (constituent_id);
CREATE UNIQUE INDEX constituent_links_live ON public.constituent_links USING btree (contact_id, constituent_id, role) WHERE (unlinked_at IS NULL);
CREATE INDEX constituent_links_possible ON public.constituent_links USING btree (id) WHERE ((verdict = 'possible'::text) AND (unlinked_at IS NULL));
CREATE UNIQUE INDEX constituent_merges_live ON public.constituent_merges USING btree (gone) WHERE (unmerged_at IS NULL);
CREATE INDEX constituent_names_words ON public.constituent_names USING gin (name_words(value));
CREATE INDEX constituent_sources_constituent ON public.constituent_sources USING btree (constituent_id);
CREATE INDEX constituents_made_from ON public.constituents USING btree (made_from) WHERE (made_from IS NOT NULL);
CREATE INDEX constituents_merged ON public.constituents USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX constituents_readable ON public.constituents USING btree (id) WHERE (NOT hashed);
CREATE INDEX contact_documents_document ON public.contact_documents USING btree (sha256);
CREATE INDEX contacts_batch ON public.contacts USING btree (batch_id) WHERE (batch_id IS NOT NULL);
CREATE INDEX contacts_quarantine ON public.contacts USING btree (arrived_at, ordinal) WHERE (state = 'quarantined'::text);
CREATE INDEX contacts_raw ON public.contacts USING btree (raw_sha256);
CREATE INDEX contacts_reports ON public.contacts USING btree (channel, arrived_at DESC, ordinal DESC) WHERE ((evidence ->> 'category'::text) IS NOT NULL);
CREATE INDEX contacts_texts ON public.contacts USING btree ((((envelope -> 'evidence'::text) ->> 'from'::text)), (((envelope -> 'evidence'::text) ->> 'to'::text)), ordinal) WHERE (channel = 'sms'::text);
CREATE INDEX contacts_unsettled ON public.contacts USING btree (state, ordinal) WHERE (state <> 'settled'::text);
CREATE INDEX contacts_unsigned ON public.contacts USING btree (channel, source, ordinal) WHERE ((evidence ->> 'signature'::text) = 'not valid'::text);
CREATE INDEX documents_open ON public.documents USING btree (asked_at) WHERE (outcome IS NULL);
CREATE INDEX duplicate_contacts_arrived ON public.duplicate_contacts USING btree (arrived_at);
CREATE INDEX duties_case ON public.duties USING btree (case_id);
CREATE INDEX duties_open ON public.duties USING btree (opened_at) WHERE (settled_at IS NULL);
CREATE INDEX enclosures_letter ON public.enclosures USING btree (letter_id);
CREATE INDEX events_batch ON public.events USING btree (((data ->> 'batch'::text))) WHERE (data ? 'batch'::text);
CREATE INDEX events_case ON public.events USING btree (case_id) WHERE (case_id IS NOT NULL);
CREATE INDEX events_contact ON public.events USING btree (contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX events_left ON public.events USING btree (((data ->> 'from'::text)), turn) WHERE (kind = 'case.transferred'::text);
CREATE INDEX events_reopened ON public.events USING btree (id) WHERE (kind = 'case.reopened'::text);
CREATE UNIQUE INDEX events_turn ON public.events USING btree (department, turn) WHERE (turn IS NOT NULL);
CREATE INDEX idempotent_requests_expiry ON public.idempotent_requests USING btree (expires_at);
CREATE INDEX letters_batch ON public.letters USING btree (batch_id);
CREATE INDEX letters_contact ON public.letters USING btree (contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX letters_unfinished ON public.letters USING btree (batch_id) WHERE ((live AND ((contact_id IS NULL) OR (made_of IS NULL) OR (left_case IS NOT NULL))) OR ((NOT live) AND (contact_id IS NOT NULL) AND (joined_to IS NOT NULL) AND (left_case IS NULL) AND (unfollowed IS NULL)));
CREATE INDEX looks_due_asked ON public.looks_due USING btree (asked_at);
CREATE INDEX mailbox_messages_passed_over ON public.mailbox_messages USING btree (place) WHERE (contact_id IS NULL);
CREATE INDEX mentions_readable ON public.mentions USING btree (contact_id) WHERE ((NOT hashed) AND (keys <> '{}'::bigint[]));
CREATE INDEX note_mentions_unread ON public.note_mentions USING btree (staff_id) WHERE (read_at IS NULL);
CREATE INDEX notes_case ON public.notes USING btree (case_id);
CREATE INDEX one_time_tokens_expire ON public.one_time_tokens USING btree (expires_at);
CREATE INDEX outbound_answers ON public.outbound USING btree (kind) WHERE (kind ~~ 'answer:%'::text);
CREATE INDEX outbound_due ON public.outbound USING btree (due_at) WHERE (state = 'waiting'::text);
CREATE INDEX rate_limits_expire ON public.rate_limits USING btree (expire);
CREATE INDEX remote_files_due ON public.remote_files USING btree (due_at) WHERE (state = 'waiting'::text);
CREATE INDEX remote_files_waiting ON public.remote_files USING btree (contact_id) WHERE (state = 'waiting'::text);
CREATE INDEX scans_sha256 ON public.scans USING btree (sha256);
CREATE INDEX search_entries_answers ON public.search_entries USING btree (source_id) WHERE (source = 'answer'::text);
CREATE INDEX search_entries_contact ON public.search_entries USING btree (contact_id);
CREATE INDEX search_entries_head ON public.search_entries USING gin (head gin_trgm_ops) WHERE (head <> ''::text);
CREATE INDEX search_entries_latest ON public.search_entries USING btree (at DESC);
CREATE INDEX search_entries_words ON public.search_entries USING gin (words);
CREATE INDEX sign_in_failures_account ON public.sign_in_failures USING btree (account_hash, failed_at);
CREATE INDEX sign_in_failures_age ON public.sign_in_failures USING btree (failed_at);
CREATE INDEX staff_invites_staff ON public.staff_invites USING btree (staff_id);
CREATE INDEX staff_sessions_expiry ON public.staff_sessions USING btree (expires_at);
CREATE INDEX staff_sessions_staff ON public.staff_sessions USING btree (staff_id);
CREATE INDEX text_questions_answered ON public.text_questions USING btree (contact_id) WHERE ((answer = 'same'::text) AND (joined IS NULL));
CREATE INDEX text_questions_open ON public.text_questions USING btree (person, number) WHERE (answer IS NULL);
CREATE INDEX webhook_failures_waiting ON public.webhook_failures USING btree (failed_at) WHERE (state = 'waiting'::text);

CREATE TRIGGER access_log_append_only BEFORE DELETE OR UPDATE ON public.access_log FOR EACH ROW EXECUTE FUNCTION keep_access_log();
CREATE TRIGGER access_log_no_truncate BEFORE TRUNCATE ON public.access_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER answers_search_due AFTER INSERT ON public.answers FOR EACH ROW WHEN ((new.case_id IS NOT NULL)) EXECUTE FUNCTION note_search_due('reply');
CREATE TRIGGER campaign_answers_search_due AFTER INSERT ON public.answers FOR EACH ROW WHEN ((new.case_id IS NULL)) EXECUTE FUNCTION note_search_due('answer');
CREATE TRIGGER cases_heading_search_due AFTER INSERT ON public.cases FOR EACH ROW WHEN ((new.part > 1)) EXECUTE FUNCTION note_search_due('outcome');
CREATE TRIGGER cases_search_due AFTER INSERT OR UPDATE OF outcome ON public.cases FOR EACH ROW WHEN ((new.outcome IS NOT NULL)) EXECUTE FUNCTION note_search_due('outcome');
CREATE TRIGGER constituents_drop_keys AFTER DELETE ON public.constituents FOR EACH ROW EXECUTE FUNCTION drop_constituent_keys();
CREATE TRIGGER contacts_search_due AFTER INSERT OR UPDATE OF envelope ON public.contacts FOR EACH ROW WHEN ((new.envelope IS NOT NULL)) EXECUTE FUNCTION note_search_due('contact');
CREATE TRIGGER duplicate_contacts_drop_keys AFTER DELETE ON public.duplicate_contacts FOR EACH ROW EXECUTE FUNCTION drop_duplicate_keys();
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_begin_numbering BEFORE INSERT ON public.events FOR EACH STATEMENT EXECUTE FUNCTION begin_numbering();
CREATE TRIGGER events_end_numbering AFTER INSERT ON public.events FOR EACH STATEMENT EXECUTE FUNCTION end_numbering();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_number BEFORE INSERT ON public.events FOR EACH ROW EXECUTE FUNCTION number_event();
CREATE TRIGGER mentions_drop_keys AFTER DELETE ON public.mentions FOR EACH ROW EXECUTE FUNCTION drop_mention_keys();
CREATE TRIGGER notes_search_due AFTER INSERT ON public.notes FOR EACH ROW EXECUTE FUNCTION note_search_due('note');
