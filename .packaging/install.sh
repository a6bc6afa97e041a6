#!/bin/sh
# Installs what static.sh made below a prefix, and lists there what uninstall.sh takes away again: install.sh NATIVE PREFIX
set -eu
cd "$(dirname "$0")/.."
native=$1
prefix=$2
list=share/doc/voxelith/installed
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
sh .packaging/stage.sh "$native" "$stage/tree"
mkdir -p "$prefix"
# Folders that are made now, or were by an install before; then the files.
{
  if [ -e "$prefix/$list" ]; then grep '/$' "$prefix/$list" || true; fi
  (cd "$stage/tree" && find . -mindepth 1 -type d) | while read -r folder; do
    [ -d "$prefix/$folder" ] || echo "$folder/"
  done
} | sort -u >"$stage/list"
(cd "$stage/tree" && find . -type f -o -type l) | sort >"$stage/files"
tar -C "$stage/tree" -cf - -T "$stage/files" | tar -C "$prefix" --no-same-owner -xf -
cat "$stage/list" "$stage/files" >"$prefix/$list"
chmod 644 "$prefix/$list"
