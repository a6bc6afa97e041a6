#!/bin/sh
# The licences of what stands inside a package, as text: notices.sh BINARY... >FILE
# Of the Swift runtime and the Swift packages, which are linked in; and of every library that the binaries need and that is named in
# BUNDLED (names as `libfftw3.so.3`, or `all`) by the Debian package that it comes from; and of the Debian packages in PACKAGES.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
bundled=${BUNDLED:-}
part() { printf '\n%s\n%s\n\n' "$1" "$(printf '%s' "$1" | sed 's/./-/g')"; }

cat <<'EOT'
Voxelith and what it is distributed with
========================================

Below are the licences of the works that this package contains; they say nothing of Voxelith itself. Among them FFTW is
under the GNU General Public Licence: whoever passes on a binary that contains it or is linked with it passes on the whole under that
licence.
EOT

swift=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
text=$swift/share/swift/LICENSE.txt
test -f "$text" || { echo "notices: the licence of Swift is not at $text" >&2; exit 1; }
part "Swift runtime and Foundation (linked in)"
cat "$text"
# Works of others within these, whose licences the toolchain and the packages do not carry along.
part "ICU, in Foundation (linked in)"
cat "$root/.packaging/licences/icu.txt"
part "libyaml, in Yams (linked in)"
cat "$root/.packaging/licences/libyaml.txt"
scratch=${SCRATCH:-.build-static}
for name in swift-argument-parser swift-log Yams FlyingFox; do
  folder=$root/$scratch/checkouts/$name
  [ -d "$folder" ] || folder=$scratch/checkouts/$name
  [ -d "$folder" ] || folder=$root/.build/checkouts/$name
  found=
  for text in "$folder"/LICENSE* "$folder"/NOTICE*; do
    [ -f "$text" ] || continue
    [ -n "$found" ] || part "$name (linked in)"
    found=yes
    cat "$text"
  done
  test -n "$found" || { echo "notices: there is no licence of $name in $folder" >&2; exit 1; }
done

[ -n "$bundled" ] || exit 0
packages=
for library in $(for binary in "$@"; do ldd "$binary"; done | awk '$3 ~ /^\// { print $1 "=" $3 }' | sort -u); do
  name=${library%%=*}
  if [ "$bundled" != all ] && ! printf '%s\n' "$bundled" | tr ' ' '\n' | grep -qx "$name"; then continue; fi
  file=$(readlink -f "${library#*=}")
  # Debian 12 keeps /lib under /usr, and the lists of packages do not always know.
  package=$(dpkg -S "$file" 2>/dev/null || dpkg -S "${file#/usr}" 2>/dev/null || true)
  package=$(printf '%s' "$package" | head -n 1 | cut -d: -f1)
  test -n "$package" || { echo "notices: no Debian package holds $file" >&2; exit 1; }
  packages="$packages $package"
done
for package in $(printf '%s\n' $packages ${PACKAGES:-} | sort -u); do
  text=/usr/share/doc/$package/copyright
  test -f "$text" || { echo "notices: there is no $text" >&2; exit 1; }
  part "$package"
  cat "$text"
done
