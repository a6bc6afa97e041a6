#!/bin/sh
# Makes the documentation of every room with DocC, warnings as errors, from the modules of a release build (nothing is built):
# docs.sh [BUILD [OUTPUT]]
set -eu
cd "$(dirname "$0")/.."
build=${1:-.build/release}
output=${2:-.build/docs}
rooms=${ROOMS:-Volumetry Readers Compton Chemistry Microstructure Transport Registration Tomography Correlation Drawing Solids Phantoms Results Pipeline Live Voxelith}
docc=$(command -v docc || true)
[ -n "$docc" ] || docc=$(dirname "$(realpath "$(command -v swift)")")/docc
[ -x "$docc" ] || { echo "DOCUMENTATION SKIPPED: this toolchain has no docc"; exit 0; }
target=$(swift -print-target-info | sed -n 's/.*"triple": "\(.*\)",*/\1/p' | head -n 1)
graphs=$(mktemp -d)
trap 'rm -rf "$graphs"' EXIT
set --
for map in Sources/C*/module.modulemap "$build"/C*.build/module.modulemap; do
  set -- "$@" -Xcc "-fmodule-map-file=$map"
done
# shellcheck disable=SC2046
set -- "$@" $(pkg-config --cflags-only-I libtiff-4 libpng hdf5 fftw3f libxrl cairo | tr ' ' '\n' | sed 's/^-I/-Xcc -I/' | tr '\n' ' ')
for map in "$(dirname "$build")"/checkouts/*/Sources/C*/include/module.modulemap "$(dirname "$build")"/checkouts/*/C*/include/module.modulemap; do
  set -- "$@" -Xcc "-fmodule-map-file=$map"
done
rm -rf "$output"
mkdir -p "$output"

# Symbols and pages of one room: document ROOM ARGUMENTS...
document() {
  room=$1
  shift
  log=$graphs/$room.log
  mkdir -p "$graphs/$room"
  swift symbolgraph-extract -module-name "$room" -I "$build/Modules" -target "$target" "$@" \
    -minimum-access-level public -skip-inherited-docs -output-dir "$graphs/$room" || return 1
  catalog=Sources/$room/$room.docc
  [ -d "$catalog" ] || catalog=
  # shellcheck disable=SC2086
  "$docc" convert $catalog --additional-symbol-graph-dir "$graphs/$room" --fallback-display-name "$room" \
    --fallback-bundle-identifier "voxelith.$room" --output-path "$output/$room.doccarchive" >"$log" 2>&1 || {
    cat "$log"
    return 1
  }
  # A parameter whose name says all has no line of its own; every other warning counts.
  if grep -E '^(warning|error): ' "$log" | grep -v "^warning: Parameter '[^']*' is missing documentation"; then
    cp "$log" "$output/$room.log"
    echo "$room: the warnings above are explained in $output/$room.log"
    return 1
  fi
  echo "$room: $(find "$output/$room.doccarchive/data" -name '*.json' | wc -l) pages"
}

# Every second room, from the first or from the second: rooms need nothing of each other here.
lane() {
  turn=$1
  shift
  for next in $rooms; do
    if [ "$turn" = 0 ]; then document "$next" "$@" || return 1; fi
    turn=$((1 - turn))
  done
}

lane 0 "$@" &
other=$!
failed=
lane 1 "$@" || failed=yes
wait "$other" || failed=yes
[ -z "$failed" ]
