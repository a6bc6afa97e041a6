#!/bin/sh
# Runs the tests of a room that was built with a sanitizer: sanitized.sh ROOM address|thread
set -eu
cd "$(dirname "$0")/.."
room=$1
kind=$2
# Leaks are not looked for: the runtime keeps metadata, and libraries their tables, until the end. A signal of our own tests,
# or a large claim that is refused, is no finding.
export ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1:${ASAN_OPTIONS:-}"
export TSAN_OPTIONS="halt_on_error=1:suppressions=$PWD/Tests/tsan.txt:${TSAN_OPTIONS:-}"
ROOM=$room swift test -c release --skip-build --sanitize="$kind" --scratch-path ".build-$kind" --filter "${room}Tests"
