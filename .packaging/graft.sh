#!/bin/sh
# Puts into an unpacked wheel what the manylinux rules take for granted and small machines lack (X11, expat): graft.sh FOLDER
# auditwheel has grafted the others. Needs patchelf.
set -eu
cd "$1"
libs=$(echo *.libs)
objects() { find . -type f \( -name '*.so*' -o -path '*_native/voxelith' \); }
while :; do
  wanted=$(objects | xargs -n1 patchelf --print-needed | sort -u | grep -E '^lib(X11|Xext|Xrender|expat|ICE|SM|glib-2.0|gobject-2.0)\.so' || true)
  [ -n "$wanted" ] || break
  for name in $wanted; do
    file=$(ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }')
    [ -n "$file" ] || { echo "graft: $name is not on this machine"; exit 1; }
    sum=$(sha256sum "$file" | cut -c1-8)
    new=$(echo "$name" | sed "s/\.so/-$sum.so/")
    cp -L "$file" "$libs/$new"
    chmod u+w "$libs/$new"
    patchelf --set-soname "$new" --force-rpath --set-rpath '$ORIGIN' "$libs/$new"
    for object in $(objects); do
      if patchelf --print-needed "$object" | grep -qx "$name"; then patchelf --replace-needed "$name" "$new" "$object"; fi
    done
  done
done
# Their own needs are among what auditwheel gave another name.
for object in "$libs"/*; do
  for need in $(patchelf --print-needed "$object"); do
    [ -e "$libs/$need" ] && continue
    stem=$(echo "$need" | sed 's/\.so.*//')
    other=$(find "$libs" -name "$stem-*.so*" -printf '%f\n' | head -n 1)
    if [ -n "$other" ]; then patchelf --replace-needed "$need" "$other" "$object"; fi
  done
done
