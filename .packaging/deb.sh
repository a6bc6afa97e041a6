#!/bin/sh
# A Debian package of the program, the library and the header: deb.sh NATIVE OUTPUT
set -eu
cd "$(dirname "$0")/.."
command -v dpkg-shlibdeps >/dev/null || { echo "dpkg-shlibdeps is needed: apt-get install dpkg-dev" >&2; exit 1; }
native=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
version=$(sed -n 's/.*current = "\(.*\)"/\1/p' Sources/Results/Provenance/PackageVersion.swift)
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/voxelith
mkdir -p "$work/debian" "$root/DEBIAN"
sh .packaging/stage.sh "$native" "$root/usr"
gzip -9n "$root"/usr/share/man/man1/*.1
# Where Debian's zsh looks for what packages bring.
mkdir -p "$root/usr/share/zsh"
mv "$root/usr/share/zsh/site-functions" "$root/usr/share/zsh/vendor-completions"
printf 'Source: voxelith\n\nPackage: voxelith\nArchitecture: any\n' >"$work/debian/control"
(cd "$work" && dpkg-shlibdeps -O -e "$root/usr/bin/voxelith" -e "$root/usr/lib/libvoxelith.so" >depends 2>notes) || {
  cat "$work/notes" >&2
  exit 1
}
depends=$(sed -n 's/^shlibs:Depends=//p' "$work/depends")
test -n "$depends" || { echo "no library was found that the program needs" >&2; exit 1; }
cat >"$root/DEBIAN/control" <<EOT
Package: voxelith
Version: $version
Architecture: $architecture
Maintainer: the authors of Voxelith <noreply@invalid>
Section: science
Priority: optional
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: $depends, fonts-dejavu-core
Recommends: hdf5-filter-plugin, hdf5-filter-plugin-blosc-serial, fonts-liberation
Description: lithium in battery electrodes from X-ray Compton scattering
 Maps of lithium stoichiometry with an error bar on every voxel, and the
 microstructure that X-ray tomography sees: phases, pores, orientation, transport.
EOT
dpkg-deb --root-owner-group -b "$root" "$out/voxelith_${version}_$architecture.deb"
ls -l "$out"/voxelith_*.deb
