#!/bin/sh
# A package that takes one room builds without what other rooms stand on: Microstructure where pkg-config finds nothing
# but FFTW.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
place="$root/.build/small-package"
rm -rf "$place"
mkdir -p "$place/Sources/Small" "$place/pkgconfig"
for name in fftw3f fftw3; do
  file=$(pkg-config --variable=pcfiledir "$name")/$name.pc
  cp "$file" "$place/pkgconfig/"
done
cat > "$place/Package.swift" <<EOT
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "small",
  dependencies: [.package(name: "voxelith", path: "$root")],
  targets: [
    .executableTarget(name: "Small", dependencies: [.product(name: "Microstructure", package: "voxelith")])
  ]
)
EOT
cat > "$place/Sources/Small/main.swift" <<EOT
import Microstructure
import Volumetry

let grid = Grid(shape: Shape(z: 4, y: 4, x: 4), spacing: SIMD3(repeating: 2))
let labels = Volume<UInt8>(grid: grid, voxels: (0..<64).map { \$0 % 4 == 0 ? 0 : 1 })
let porosity = try Porosity.measure(PhaseLabels(labels, phase: 0)).porosity
precondition(porosity == 0.25)
print("porosity \(porosity)")
EOT
cd "$place"
PKG_CONFIG_LIBDIR="$place/pkgconfig" PKG_CONFIG_PATH= swift build --quiet --disable-index-store >build.log 2>&1 || { cat build.log; exit 1; }
.build/debug/Small
for library in cairo hdf5 xrl tiff png; do
  if ldd .build/debug/Small | grep -q "lib$library"; then
    echo "Microstructure brings lib$library along"
    exit 1
  fi
done
