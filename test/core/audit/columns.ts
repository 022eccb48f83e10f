/**
 * Each column of each table, and how a change of it by the database's owner is covered. A new
 * column belongs in here.
 */

export interface Coverage {
  /** Held against the ledger: a change is named. */
  readonly compared?: string
  /** Named by a sentence of "not proved" that contains this. */
  readonly said?: Readonly<Record<string, string>>
  /** Made again from what is compared. */
  readonly derived?: string
  /** Says only how often work was tried. */
  readonly transport?: string
}

export const coverage: Readonly<Record<string, Coverage>> = {
  access_log: { said: { 'The access log': 'id at actor what target origin' } },
  address_proofs: {
    said: {
      'Codes sent to addresses':
        'id contact_id purpose way address address_hash own language asked_at expires_at tries proved_at told_event stopped_at'
    }
  },
  answer_files: {
    said: { 'Of replies and notes': 'answer_id position name media_type bytes sha256' }
  },
  answers: {
    compared: 'id case_id contact_id way address subject text written_by typed language state',
    said: {
      'the text of answers to a campaign': 'campaign_id',
      'Of replies and notes': 'name written_at decided_by decided_at'
    }
  },
  api_key_secrets: {
    said: { 'Passwords, sessions': 'hash key_id created_at expires_at last_used_at' }
  },
  api_keys: {
    compared: 'id name scopes per_minute disabled_at salt',
    said: { 'When rows were made': 'created_at' }
  },
  batches: {
    compared: 'id received_at logged_at logged_by seed ordinals',
    said: {
      'What else staff noted about letters':
        'note expected hold_reasons problems printed origin release_by release_reason released_at updated_at',
      'whether a tray that was not released is read or held': 'state'
    }
  },
  blobs: { compared: 'sha256 content' },
  call_transcripts: {
    said: {
      'Documents, their pages':
        'call_id recording_id engine status text language confidence received_at'
    }
  },
  campaign_members: {
    said: {
      'The register of people':
        'contact_id campaign_id joined_at joined_by joined_why left_at left_by left_why'
    }
  },
  campaigns: {
    said: {
      'The register of people':
        'id made_at merged_into merged_why merged_at split_by split_why split_at'
    }
  },
  case_contacts: {
    compared: 'case_id contact_id role reason via',
    said: { 'When rows were made': 'linked_at' }
  },
  case_links: {
    compared:
      'id contact_id earlier_contact_id state reason evidence made_by decided_by decided_why',
    said: { 'When links between contacts': 'made_at decided_at' }
  },
  case_passes: { compared: 'case_id actor reason', said: { 'When rows were made': 'passed_at' } },
  cases: {
    compared:
      'id contact_id department state arrived_at ordinal channel receipt language taken_by outcome outcome_id joined_into remind_at part',
    said: { 'When a case was taken': 'taken_at lease_until', 'When rows were made': 'updated_at' }
  },
  constituent_addresses: {
    said: { 'The register of people': 'constituent_id value source seen_at' }
  },
  constituent_emails: { said: { 'The register of people': 'constituent_id value source seen_at' } },
  constituent_keys: { said: { 'The register of people': 'key constituent_id' } },
  constituent_links: {
    said: {
      'The register of people':
        'id contact_id constituent_id role verdict bits waterfall linked_at linked_by reason unlinked_at unlinked_by unlink_reason single'
    }
  },
  constituent_merges: {
    said: {
      'The register of people':
        'id kept gone merged_at merged_by reason unmerged_at unmerged_by unmerge_reason'
    }
  },
  constituent_names: { said: { 'The register of people': 'constituent_id value source seen_at' } },
  constituent_phones: { said: { 'The register of people': 'constituent_id value source seen_at' } },
  constituent_sources: {
    said: { 'The register of people': 'source external_id constituent_id imported_at' }
  },
  constituents: {
    said: {
      'The register of people':
        'id kind merged_into comparable keys created_at updated_at hashed made_from'
    }
  },
  contact_documents: { said: { 'Documents, their pages': 'contact_id sha256' } },
  contacts: {
    compared:
      'id channel source external_id receipt arrived_at ordinal raw_sha256 raw_bytes media_type recipients state envelope outcome quarantine_code case_id unsure batch_id own_case_id discarded_at',
    said: {
      'and its trail, evidence and reply tokens': 'evidence tokens trail',
      'the kind of a contact': 'kind',
      'When rows were made': 'updated_at'
    },
    derived: 'envelope_bytes',
    transport: 'attempts'
  },
  document_files: {
    said: {
      'Documents, their pages': 'parent position name media_type bytes sha256 readable withheld'
    }
  },
  document_pages: {
    said: {
      'Documents, their pages':
        'sha256 number text confidence rotation skew blank words barcodes source width_px height_px dpi withheld image image_type extras reader_version'
    }
  },
  documents: {
    said: {
      'Documents, their pages':
        'sha256 bytes media_type kind pages barcodes pages_only outcome reason searchable_pdf reader_version attempts asked_at updated_at read_at'
    }
  },
  draft_files: {
    said: { 'what is still being written': 'case_id author position name media_type bytes sha256' }
  },
  drafts: {
    said: {
      'what is still being written':
        'case_id author kind version becomes fields other sent kept_from updated_at'
    }
  },
  duties: {
    compared: 'id kind case_id answer_id contact_id settled_by how',
    said: {
      'words about how a duty': 'words',
      'when any of it was written': 'opened_at settled_at'
    }
  },
  search_entries: {
    said: {
      'The lists in which later contacts find':
        'source source_id part contact_id case_id at head words'
    }
  },
  search_due: { transport: 'source source_id asked_at' },
  duplicate_keys: { said: { 'The lists in which later contacts find': 'key no' } },
  duplicate_contacts: {
    said: {
      'The lists in which later contacts find': 'no contact_id arrived_at lat long category keys'
    }
  },
  enclosures: {
    said: {
      'What else staff noted about letters':
        'id letter_id what logged_by logged_at confirmed_by confirmed_at'
    }
  },
  events: {
    compared: 'id at kind department turn case_id contact_id actor data run run_number hash'
  },
  idempotent_requests: {
    said: {
      'What only carries work along':
        'owner idempotency_key fingerprint state started_at expires_at status headers body'
    }
  },
  ledger_runs: { compared: 'run events hash' },
  letters: {
    compared: 'batch_id contact_id scan_id page',
    said: {
      'What else staff noted about letters':
        'id live made_of attempts tried_at joined_to joined_by left_case unfollowed sender_name sender_address postmark legal_receipt envelope_scan envelope_page tracking_number location disposition sender_email sender_phone'
    }
  },
  looks_due: { said: { 'What only carries work along': 'contact_id because attempts asked_at' } },
  matching_models: {
    said: { 'The register of people': 'id model trained_on trained_at register_size hashed' }
  },
  mention_keys: { said: { 'The register of people': 'key contact_id role' } },
  mentions: { said: { 'The register of people': 'contact_id role keys named hashed decided_by' } },
  note_mentions: { said: { 'who was named in a note': 'note_id staff_id read_at' } },
  notes: {
    compared: 'id case_id author text',
    said: { 'when any of it was written': 'written_at' }
  },
  one_time_tokens: { said: { 'Passwords, sessions': 'token use expires_at' } },
  outbound: {
    compared: 'contact_id kind state reason addressee',
    said: {
      'Of messages it is compared':
        'id attempts due_at sent_at tried_at provider_id delivery delivery_rank'
    }
  },
  rate_limits: { said: { 'What only carries work along': 'key points expire' } },
  remote_files: {
    said: {
      'Documents, their pages':
        'contact_id number name state sha256 media_type reason attempts due_at updated_at'
    }
  },
  reply_budget: { said: { 'What only carries work along': 'day address_hash replies' } },
  scans: {
    compared: 'id sha256 batch_id bytes added_by',
    said: {
      'What else staff noted about letters':
        'seq name media_type pages state side reason attempts tried_at added_at'
    }
  },
  secrets: { said: { 'The master secret': 'name value' } },
  sheets: {
    compared: 'lot',
    said: {
      'What else staff noted about letters': 'scan_id page kind starts turned',
      'Documents, their pages': 'thumbnail_sha256 withheld'
    }
  },
  sign_in_failures: {
    said: {
      'What only carries work along': 'account_hash origin_hash failures blocked_until failed_at'
    }
  },
  staff: {
    compared: 'id email name role departments disabled_at salt',
    said: { 'Passwords, sessions': 'password_hash', 'When rows were made': 'created_at' }
  },
  staff_invites: { said: { 'Passwords, sessions': 'token_hash staff_id expires_at used_at' } },
  staff_sessions: {
    said: { 'Passwords, sessions': 'id_hash staff_id created_at last_seen_at expires_at' }
  },
  text_consents: {
    compared: 'address allowed ordinal contact_id',
    said: { 'When rows were made': 'changed_at' }
  },
  text_questions: {
    said: {
      'When links between contacts':
        'contact_id case_id earlier_case_id earlier_receipt person number asked_at answer answered_by joined'
    }
  },
  webhook_failures: {
    said: {
      'What only carries work along':
        'id department turn event_id reason attempts failed_at state decided_at'
    }
  },
  mailbox_messages: {
    said: {
      'What only carries work along':
        'place uid_validity message contact_id tries due_at reason recorded_at round received_at'
    }
  },
  mailbox_states: {
    said: {
      'What only carries work along':
        'place uid_validity waiting looked_at taken_at failed_at failure round cursor'
    }
  },
  webhook_lines: {
    said: {
      'What only carries work along':
        'department turn state reason attempts failing_since due_at claim claimed_until delivered_at'
    }
  }
}
