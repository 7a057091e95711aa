-- The host's tables in each firm's database. The same text runs on SQLite and PostgreSQL.
-- Ids: UUIDv7 as text. Times: bigint, milliseconds since the epoch, UTC; 0 means never. Flags: bigint 0 or 1.

-- migration 1: foundation

create table accounts (
  id text primary key,
  kind text not null check (kind in ('client', 'guest')),
  name text not null,
  email text not null,
  created_at bigint not null
);

create table folders (
  id text primary key,
  account_id text not null references accounts (id),
  parent_id text not null,
  name text not null,
  created_at bigint not null,
  unique (account_id, parent_id, name)
);

create table documents (
  id text primary key,
  account_id text not null references accounts (id),
  folder_id text not null references folders (id),
  name text not null,
  versions bigint not null,
  created_at bigint not null,
  unique (folder_id, name)
);

create table document_versions (
  document_id text not null references documents (id),
  version bigint not null,
  original_name text not null,
  blob_id text not null unique,
  bytes bigint not null,
  sha256 text not null,
  crc32 bigint not null,
  type text not null,
  wrapped_key text not null,
  created_at bigint not null,
  created_by text not null,
  primary key (document_id, version)
);

create table links (
  id text primary key,
  token_hash text not null unique,
  key_id text not null,
  generation bigint not null,
  plugin text not null,
  resource text not null,
  recipient_name text not null,
  recipient_email text not null,
  recipient_phone text not null,
  recipient_language text not null,
  issued_by text not null,
  issued_at bigint not null,
  not_before bigint not null,
  expires_at bigint not null,
  revoked_at bigint not null,
  maximum_uses bigint not null,
  uses bigint not null,
  last_used_at bigint not null,
  last_opened_at bigint not null
);
create index links_resource on links (plugin, resource, id);
create index links_email on links (recipient_email, id);

create table outbox (
  id text primary key,
  plugin text not null,
  message_key text not null,
  reference text not null,
  link_id text not null,
  recipient_name text not null,
  recipient_email text not null,
  language text not null,
  message_values text not null,
  member_name text not null,
  member_email text not null,
  quotation text not null,
  state text not null check (state in ('waiting', 'sent', 'failed')),
  attempts bigint not null,
  reason text not null,
  created_at bigint not null,
  next_attempt_at bigint not null,
  sent_at bigint not null
);
create index outbox_due on outbox (state, next_attempt_at);
create index outbox_reference on outbox (reference, id);

create table audit (
  sequence bigint primary key,
  at bigint not null,
  event text not null,
  plugin text not null,
  subject text not null,
  member text not null,
  member_name text not null,
  link text not null,
  recipient text not null,
  address text not null,
  user_agent text not null,
  details text not null,
  previous text not null,
  hash text not null
);
create index audit_subject on audit (subject, sequence);
create index audit_link on audit (link, sequence);

-- One row: how long the chain is and where it ends, so that a cut tail shows.
create table audit_head (
  one bigint primary key check (one = 1),
  sequence bigint not null,
  hash text not null
);
insert into audit_head (one, sequence, hash) values (1, 0, '');

create table api_keys (
  id text primary key,
  name text not null,
  role text not null check (role in ('owner', 'admin', 'member', 'read-only')),
  hash text not null unique,
  created_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint not null,
  last_used_at bigint not null
);

-- What a POST with an Idempotency-Key answered, kept for a day, written in the transaction of the POST itself.
create table idempotency (
  caller text not null,
  idempotency_key text not null,
  request_hash text not null,
  status bigint not null,
  fields text not null,
  body text not null,
  created_at bigint not null,
  primary key (caller, idempotency_key)
);
create index idempotency_created on idempotency (created_at);
