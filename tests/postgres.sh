#!/bin/sh
# A private PostgreSQL for tests: `tests/postgres.sh start FOLDER` makes a cluster in FOLDER, starts it on a free port of
# 127.0.0.1 and prints its URL; `tests/postgres.sh stop FOLDER` stops it and removes FOLDER; `restart` and `kill` (as
# kill -9) are for tests of what happens when a server goes away. Run as root it uses the user postgres, as anybody
# else the caller, because PostgreSQL refuses to run as root.
set -eu

usage() { echo "usage: $0 start|stop|restart|kill FOLDER" >&2; exit 2; }
[ $# -eq 2 ] || usage
folder=$2
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "$0: no PostgreSQL in /usr/lib/postgresql; apt-get install postgresql" >&2; exit 1; }

as_server() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
  mkdir -p "$folder"
  [ -z "$(ls -A "$folder")" ] || { echo "$0: $folder is not empty" >&2; exit 1; }
  [ "$(id -u)" != 0 ] || chown postgres "$folder"
  cd "$folder"  # the server's user may not be allowed in ours
  as_server "$bin/initdb" -D "$folder/data" -U postern -A trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log" >&2; exit 1; }
  # Everything that keeps data safe stays on: the host refuses a server without it.
  cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $(free_port)
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
log_min_messages = warning
CONF
  as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 60 start >/dev/null ||
    { cat "$folder/server.log" >&2; exit 1; }
  port=$(sed -n 4p "$folder/data/postmaster.pid")
  as_server "$bin/createdb" -h 127.0.0.1 -p "$port" -U postern postern
  echo "postgresql://postern@127.0.0.1:$port/postern"
}

stop() {
  [ -f "$folder/data/PG_VERSION" ] || exit 0
  cd "$folder"
  as_server "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
  cd /
  rm -rf "$folder"
}

case $1 in
  start) start ;;
  stop) stop ;;
  restart) cd "$folder" && as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -m fast -w restart >/dev/null ;;
  kill)
    cd "$folder"
    pid=$(head -n 1 "$folder/data/postmaster.pid")
    kill -9 "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w start >/dev/null
    ;;
  *) usage ;;
esac
