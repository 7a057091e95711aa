-- Tables of the plugin ack: each name begins with its id. Times are bigint, milliseconds since the epoch, 0: never.
-- A migration runs once and is never edited; a change is the next number.

-- migration 1: requests

create table ack_requests (
  id text primary key,
  title text not null,
  notice text not null,
  asked_by text not null,
  asked_at bigint not null,
  read_at bigint not null default 0
);
