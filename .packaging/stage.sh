#!/bin/sh
# Lays out what static.sh made, with man pages and completions, as it lies below a prefix: stage.sh NATIVE FOLDER
set -eu
cd "$(dirname "$0")/.."
native=$1
prefix=$2
install -d "$prefix/bin" "$prefix/lib" "$prefix/include" "$prefix/share"
install -m 755 "$native/voxelith" "$prefix/bin/voxelith"
interface=$(sed -n 's/^#define VOXELITH_INTERFACE //p' Sources/CVoxelith/voxelith.h)
install -m 755 "$native/libvoxelith.so" "$prefix/lib/libvoxelith.so.$interface"
ln -sf "libvoxelith.so.$interface" "$prefix/lib/libvoxelith.so"
install -m 644 Sources/CVoxelith/voxelith.h "$prefix/include/voxelith.h"
install -d "$prefix/share/doc/voxelith"
sh .packaging/notices.sh >"$prefix/share/doc/voxelith/copyright"
sh .packaging/share.sh "$native/voxelith" "$prefix/share"
