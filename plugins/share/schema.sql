-- Tables of the plugin share. Ids: text. Times: bigint, milliseconds since the epoch, UTC; 0 means never.

-- migration 1: foundation

create table share_shares (
  id text primary key,
  title text not null,
  message text not null,
  from_name text not null,
  from_email text not null,
  created_by text not null,
  created_by_name text not null,
  created_at bigint not null,
  revoked_at bigint not null
);

-- The version is pinned: what was shared stays what it was. Name, type and size are kept to tell what a document was
-- when it is no longer there.
create table share_documents (
  share_id text not null references share_shares (id),
  position bigint not null,
  document_id text not null,
  version bigint not null,
  name text not null,
  type text not null,
  bytes bigint not null,
  primary key (share_id, position),
  unique (share_id, document_id)
);
create index share_documents_document on share_documents (document_id, share_id);

-- Who got a link; name and address stand in the link too, and are kept here to find shares by them.
create table share_recipients (
  share_id text not null references share_shares (id),
  link_id text not null unique,
  name text not null,
  email text not null,
  message_id text not null,
  notified_at bigint not null,
  primary key (share_id, link_id)
);
create index share_recipients_email on share_recipients (email, share_id);
