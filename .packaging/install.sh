#!/bin/sh
# Puts what static.sh made below a prefix, with man pages and completions: install.sh NATIVE PREFIX
set -eu
cd "$(dirname "$0")/.."
native=$1
prefix=$2
install -d "$prefix/bin" "$prefix/lib" "$prefix/include" "$prefix/share"
install -m 755 "$native/voxelith" "$prefix/bin/voxelith"
install -m 755 "$native/libvoxelith.so" "$prefix/lib/libvoxelith.so"
install -m 644 Sources/CVoxelith/voxelith.h "$prefix/include/voxelith.h"
sh .packaging/share.sh "$native/voxelith" "$prefix/share"
