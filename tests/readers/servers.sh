#!/usr/bin/env bash
# Starts a private PostgreSQL and a private MariaDB on sockets in a new folder, runs a command, stops both.
#
#   servers.sh COMMAND...     the command finds READERS_POSTGRES (a folder) and READERS_MARIADB (a socket)
#
# Nothing listens on a network. Both refuse to run as root: then they run as `nobody`. What was started is stopped
# by its process id, whatever happens.
set -euo pipefail

dir=$(mktemp -d /tmp/readers.XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then
    chown nobody "$dir"
    as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
fi
chmod 0755 "$dir"
pids=()
stop() {
    for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$dir"
}
trap stop EXIT

failed() {
    echo "error: $1" >&2
    cat "$dir"/*.log >&2 || true
    exit 1
}

cd "$dir"
bin=$(dirname "$(find /usr/lib/postgresql -path '*/bin/postgres' | sort -V | tail -n 1)")
HOME=$dir "${as[@]}" "$bin/initdb" -D "$dir/postgres" -U readers -A trust -E UTF8 --locale=C --no-sync \
    >"$dir/initdb.log" 2>&1 || failed "initdb"
"${as[@]}" "$bin/postgres" -D "$dir/postgres" -k "$dir" -c listen_addresses= -c fsync=off \
    >"$dir/postgres.log" 2>&1 &
pids+=($!)

# The server's own character set is latin1: a script must not depend on it.
"${as[@]}" mariadb-install-db --no-defaults --datadir="$dir/mariadb" --auth-root-authentication-method=normal \
    --skip-test-db >"$dir/install.log" 2>&1 || failed "mariadb-install-db"
"${as[@]}" "$(command -v mariadbd || echo /usr/sbin/mariadbd)" --no-defaults --datadir="$dir/mariadb" \
    --socket="$dir/mariadb.sock" --pid-file="$dir/mariadb.pid" --skip-networking --character-set-server=latin1 \
    --innodb-flush-log-at-trx-commit=0 >"$dir/mariadb.log" 2>&1 &
pids+=($!)

ready() {
    "$bin/pg_isready" -q -h "$dir" && mariadb --no-defaults -u root -S "$dir/mariadb.sock" -e 'SELECT 1' >/dev/null 2>&1
}
for _ in $(seq 150); do
    ready && break
    for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || failed "a server ended"; done
    sleep 0.2
done
ready || failed "a server is not ready after 30 s"
mariadb --no-defaults -u root -S "$dir/mariadb.sock" -e 'CREATE DATABASE readers'

cd "$OLDPWD"
READERS_POSTGRES=$dir READERS_MARIADB=$dir/mariadb.sock "$@"
