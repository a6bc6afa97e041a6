#!/bin/sh
# Takes away what install.sh put below a prefix: uninstall.sh PREFIX
set -eu
prefix=$1
list=$prefix/share/doc/voxelith/installed
test -f "$list" || { echo "there is no $list: nothing was installed there" >&2; exit 1; }
known=$(cat "$list")
rm -f "$list"
printf '%s\n' "$known" | grep -v '/$' | while read -r file; do rm -f "$prefix/$file"; done
# From the innermost out; what holds other things stays.
printf '%s\n' "$known" | grep '/$' | sort -r | while read -r folder; do
  rmdir "$prefix/$folder" 2>/dev/null || true
done
