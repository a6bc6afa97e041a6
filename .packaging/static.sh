#!/bin/sh
# Builds the program and the library with the Swift runtime inside, stripped, into a folder: static.sh FOLDER [SCRATCH]
# They need no toolchain where they run, only the C libraries that `ldd` names.
set -eu
cd "$(dirname "$0")/.."
out=$1
scratch=${2:-.build-static}
flags="-c release --static-swift-stdlib -Xswiftc -static-stdlib --scratch-path $scratch"
# shellcheck disable=SC2086
swift build $flags --product voxelith
# What is linked against the library names the interface that it was made for.
interface=$(sed -n 's/^#define VOXELITH_INTERFACE //p' Sources/CVoxelith/voxelith.h)
# shellcheck disable=SC2086
swift build $flags --product VoxelithC -Xlinker "-soname=libvoxelith.so.$interface" -Xlinker "--version-script=$PWD/.packaging/exports.map"
mkdir -p "$out"
strip -o "$out/voxelith" "$scratch/release/voxelith"
strip -o "$out/libvoxelith.so" "$scratch/release/libVoxelithC.so"
for file in "$out/voxelith" "$out/libvoxelith.so"; do
  if ldd "$file" | grep -iE 'swift|dispatch|Foundation|BlocksRuntime'; then
    echo "$file stands on the library above, of the Swift toolchain"
    exit 1
  fi
done
