-- The tables as PostgreSQL has them after every migration. Written by `npm run schema`; test/core/db/schema.test.ts compares.
-- Read it to see what a migration did; the migrations in core/db/migrations/ are what runs.

create sequence arrivals as bigint;

create sequence batch_numbers as bigint;

create sequence turns as bigint;

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

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin raise exception 'the ledger is append-only'; end $function$;

CREATE OR REPLACE FUNCTION public.standing_case(start uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE
AS $function$
    with recursive way as (
      select id, joined_into from cases where id = start union all select cases.id, cases.joined_into from cases join way on cases.id = way.joined_into
    ) select id from way where joined_into is null $function$;

create table answers (
  id uuid not null,
  campaign_id uuid not null,
  text text not null,
  written_by text not null,
  written_at timestamp with time zone not null default now(),
  constraint answers_pkey PRIMARY KEY (id),
  constraint answers_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id)
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
  remarks text[] not null default '{}'::text[],
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
  constraint cases_pkey PRIMARY KEY (id),
  constraint cases_check CHECK (((state = 'taken'::text) = (taken_by IS NOT NULL))),
  constraint cases_contact_id_department_key UNIQUE (contact_id, department),
  constraint cases_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint cases_joined_check CHECK (((state = 'joined'::text) = (joined_into IS NOT NULL))),
  constraint cases_joined_into_fkey FOREIGN KEY (joined_into) REFERENCES cases(id),
  constraint cases_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'taken'::text, 'closed'::text, 'handed-off'::text, 'joined'::text])))
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
  constraint constituent_links_pkey PRIMARY KEY (id),
  constraint constituent_links_constituent_id_fkey FOREIGN KEY (constituent_id) REFERENCES constituents(id),
  constraint constituent_links_role_check CHECK ((role = ANY (ARRAY['sender'::text, 'subject'::text, 'representative'::text]))),
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
  constraint contacts_pkey PRIMARY KEY (id),
  constraint contacts_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint contacts_channel_source_external_id_key UNIQUE (channel, source, external_id),
  constraint contacts_kind_check CHECK ((kind = ANY (ARRAY['message'::text, 'auto-reply'::text, 'bounce'::text]))),
  constraint contacts_ordinal_key UNIQUE (ordinal),
  constraint contacts_outcome_check CHECK ((outcome = ANY (ARRAY['case'::text, 'duplicate'::text, 'follow-up'::text, 'quarantined'::text, 'auto-reply'::text, 'bounce'::text, 'batch'::text]))),
  constraint contacts_receipt_key UNIQUE (receipt),
  constraint contacts_state_check CHECK ((state = ANY (ARRAY['accepted'::text, 'documents'::text, 'read'::text, 'settled'::text, 'quarantined'::text])))
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
  constraint documents_pkey PRIMARY KEY (sha256),
  constraint documents_outcome_check CHECK ((outcome = ANY (ARRAY['read'::text, 'withheld'::text]))),
  constraint documents_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table duplicate_keys (
  key integer not null,
  no bigint not null,
  constraint duplicate_keys_pkey PRIMARY KEY (key, no)
);

create table duplicate_matters (
  no bigint not null generated always as identity,
  contact_id uuid not null,
  arrived_at timestamp with time zone not null,
  lat double precision,
  long double precision,
  category text,
  keys integer[] not null default '{}'::integer[],
  constraint duplicate_matters_pkey PRIMARY KEY (no),
  constraint duplicate_matters_contact_id_key UNIQUE (contact_id)
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
  constraint letters_pkey PRIMARY KEY (id),
  constraint letters_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint letters_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint letters_disposition_check CHECK ((disposition = ANY (ARRAY['keep'::text, 'return'::text, 'forward'::text, 'shred'::text]))),
  constraint letters_joined_to_fkey FOREIGN KEY (joined_to) REFERENCES letters(id),
  constraint letters_left_case_fkey FOREIGN KEY (left_case) REFERENCES cases(id),
  constraint letters_scan_id_page_fkey FOREIGN KEY (scan_id, page) REFERENCES sheets(scan_id, page),
  constraint letters_scan_id_page_key UNIQUE (scan_id, page)
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
  constraint outbound_pkey PRIMARY KEY (id),
  constraint outbound_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint outbound_contact_id_kind_key UNIQUE (contact_id, kind),
  constraint outbound_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'undeliverable'::text, 'failed'::text])))
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
  result jsonb,
  words jsonb,
  image_sha256 text,
  image_type text,
  thumbnail_sha256 text,
  constraint sheets_pkey PRIMARY KEY (scan_id, page),
  constraint sheets_kind_check CHECK ((kind = ANY (ARRAY['page'::text, 'separator'::text, 'blank'::text]))),
  constraint sheets_page_check CHECK ((page >= 1)),
  constraint sheets_scan_id_fkey FOREIGN KEY (scan_id) REFERENCES scans(id),
  constraint sheets_turned_check CHECK ((turned = ANY (ARRAY[0, 90, 180, 270])))
);

create table staff (
  id uuid not null,
  email text not null,
  name text not null,
  role text not null,
  departments text[] not null default '{}'::text[],
  password_hash text,
  failed_sign_ins integer not null default 0,
  blocked_until timestamp with time zone,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
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

CREATE INDEX answers_campaign ON public.answers USING btree (campaign_id);
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
CREATE INDEX cases_line ON public.cases USING btree (department, arrived_at, ordinal) WHERE (state = 'waiting'::text);
CREATE INDEX cases_receipt ON public.cases USING btree (receipt);
CREATE INDEX constituent_links_constituent ON public.constituent_links USING btree (constituent_id);
CREATE UNIQUE INDEX constituent_links_live ON public.constituent_links USING btree (contact_id, constituent_id, role) WHERE (unlinked_at IS NULL);
CREATE INDEX constituent_links_possible ON public.constituent_links USING btree (id) WHERE ((verdict = 'possible'::text) AND (unlinked_at IS NULL));
CREATE UNIQUE INDEX constituent_merges_live ON public.constituent_merges USING btree (gone) WHERE (unmerged_at IS NULL);
CREATE INDEX constituent_sources_constituent ON public.constituent_sources USING btree (constituent_id);
CREATE INDEX constituents_made_from ON public.constituents USING btree (made_from) WHERE (made_from IS NOT NULL);
CREATE INDEX constituents_merged ON public.constituents USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX constituents_readable ON public.constituents USING btree (id) WHERE (NOT hashed);
CREATE INDEX contact_documents_document ON public.contact_documents USING btree (sha256);
CREATE INDEX contacts_batch ON public.contacts USING btree (batch_id) WHERE (batch_id IS NOT NULL);
CREATE INDEX contacts_raw ON public.contacts USING btree (raw_sha256);
CREATE INDEX contacts_reports ON public.contacts USING btree (channel, arrived_at DESC, ordinal DESC) WHERE ((evidence ->> 'category'::text) IS NOT NULL);
CREATE INDEX contacts_texts ON public.contacts USING btree ((((envelope -> 'evidence'::text) ->> 'from'::text)), (((envelope -> 'evidence'::text) ->> 'to'::text)), ordinal) WHERE (channel = 'sms'::text);
CREATE INDEX contacts_unsettled ON public.contacts USING btree (state, ordinal) WHERE (state <> 'settled'::text);
CREATE INDEX contacts_unsigned ON public.contacts USING btree (channel, source, ordinal) WHERE ((evidence ->> 'signature'::text) = 'not valid'::text);
CREATE INDEX documents_open ON public.documents USING btree (asked_at) WHERE (outcome IS NULL);
CREATE INDEX duplicate_matters_arrived ON public.duplicate_matters USING btree (arrived_at);
CREATE INDEX enclosures_letter ON public.enclosures USING btree (letter_id);
CREATE INDEX events_batch ON public.events USING btree (((data ->> 'batch'::text))) WHERE (data ? 'batch'::text);
CREATE INDEX events_case ON public.events USING btree (case_id) WHERE (case_id IS NOT NULL);
CREATE INDEX events_contact ON public.events USING btree (contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX events_left ON public.events USING btree (((data ->> 'from'::text)), turn) WHERE (kind = 'case.transferred'::text);
CREATE UNIQUE INDEX events_turn ON public.events USING btree (department, turn) WHERE (turn IS NOT NULL);
CREATE INDEX idempotent_requests_expiry ON public.idempotent_requests USING btree (expires_at);
CREATE INDEX letters_batch ON public.letters USING btree (batch_id);
CREATE INDEX letters_contact ON public.letters USING btree (contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX letters_unfinished ON public.letters USING btree (batch_id) WHERE ((live AND ((contact_id IS NULL) OR (made_of IS NULL) OR (left_case IS NOT NULL))) OR ((NOT live) AND (contact_id IS NOT NULL) AND (joined_to IS NOT NULL) AND (left_case IS NULL) AND (unfollowed IS NULL)));
CREATE INDEX outbound_due ON public.outbound USING btree (due_at) WHERE (state = 'waiting'::text);
CREATE INDEX remote_files_due ON public.remote_files USING btree (due_at) WHERE (state = 'waiting'::text);
CREATE INDEX remote_files_waiting ON public.remote_files USING btree (contact_id) WHERE (state = 'waiting'::text);
CREATE INDEX scans_sha256 ON public.scans USING btree (sha256);
CREATE INDEX staff_invites_staff ON public.staff_invites USING btree (staff_id);
CREATE INDEX staff_sessions_expiry ON public.staff_sessions USING btree (expires_at);
CREATE INDEX staff_sessions_staff ON public.staff_sessions USING btree (staff_id);
CREATE INDEX text_questions_answered ON public.text_questions USING btree (contact_id) WHERE ((answer = 'same'::text) AND (joined IS NULL));
CREATE INDEX text_questions_open ON public.text_questions USING btree (person, number) WHERE (answer IS NULL);
CREATE INDEX webhook_failures_waiting ON public.webhook_failures USING btree (failed_at) WHERE (state = 'waiting'::text);

CREATE TRIGGER constituents_drop_keys AFTER DELETE ON public.constituents FOR EACH ROW EXECUTE FUNCTION drop_constituent_keys();
CREATE TRIGGER duplicate_matters_drop_keys AFTER DELETE ON public.duplicate_matters FOR EACH ROW EXECUTE FUNCTION drop_duplicate_keys();
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
