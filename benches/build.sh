#!/usr/bin/env bash
# What building, testing and idling cost: the figures of docs/performance.md. Works in a clean clone with a target
# directory of its own, so that nothing is warm but the registry's cache. Needs git, cargo and a C compiler.
#
#   benches/build.sh
set -euo pipefail
here=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone -q "$here" "$work/clone"
cd "$work/clone"
export CARGO_TARGET_DIR="$work/target" CARGO_TERM_COLOR=never
cargo fetch --locked -q

measure() { # measure <label> <command …>
  local label=$1 began ended
  shift
  began=$(date +%s.%N)
  "$@" >"$work/log" 2>&1 || { cat "$work/log"; echo "failed: $label"; exit 1; }
  ended=$(date +%s.%N)
  awk -v l="$label" -v s="$(echo "$ended $began" | awk '{print $1-$2}')" 'BEGIN { printf "%-58s %7.1f s\n", l, s }'
}
edit() { printf '\n// touched %s\n' "$RANDOM" >>"$1"; }

echo "$(rustc --version), $(nproc) cores, $(git rev-parse --short HEAD)"
measure "cold build of the gateway (dev)" cargo build --locked
edit crates/connector-core/src/lib.rs
measure "rebuild after an edit of connector-core" cargo build --locked
edit connectors/slack/src/lib.rs
measure "rebuild after an edit of one connector" cargo build --locked
measure "build of all tests, gateway built" cargo test --workspace --locked --no-run
measure "all tests, built" cargo test --workspace --locked
measure "the contract suite alone, built" cargo xtask contract
grep -A9 '^connector  ' "$work/log" # the census
for id in jira slack github; do
  for time in first again; do
    edit "connectors/$id/src/lib.rs"
    measure "contract tests of $id alone after an edit ($time)" cargo xtask contract "$id"
  done
done
measure "cargo xtask codegen --check" cargo xtask codegen --check
measure "cold build of the gateway (release)" cargo build --release --locked
binary=$CARGO_TARGET_DIR/release/jackfield
awk -v b="$(stat -c %s "$binary")" 'BEGIN { printf "%-58s %7.1f MiB\n", "release binary, stripped", b / 1048576 }'

"$binary" serve --listen 127.0.0.1:0 --state-dir "$work/state" 2>"$work/serve.log" &
pid=$!
sleep 5
awk -v k="$(awk '/VmRSS/ {print $2}' /proc/$pid/status)" 'BEGIN { printf "%-58s %7.1f MiB\n", "resident memory, idle for 5 s", k / 1024 }'
printf '%-58s %7s ms\n' "from start to ready, new state directory" "$(grep -o 'started_in_ms=[0-9]*' "$work/serve.log" | cut -d= -f2)"
kill -TERM $pid
wait $pid || true
