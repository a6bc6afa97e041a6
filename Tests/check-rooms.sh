#!/bin/sh
# A room imports only rooms on lower floors, and C libraries only in the room that wraps them.
set -eu
cd "$(dirname "$0")/.."
status=0
check() {
  room=$1
  shift
  for import in $(grep -rhoE '^(public |package |@_exported public )*import [A-Za-z0-9]+' "Sources/$room" | awk '{print $NF}' | sort -u); do
    case " Foundation Dispatch Synchronization Glibc $* " in
    *" $import "*) ;;
    *)
      echo "Sources/$room imports $import, which is not on a lower floor"
      status=1
      ;;
    esac
  done
  [ -f "Sources/$room/README.md" ] || { echo "Sources/$room has no README.md"; status=1; }
}
check Volumetry CFFTW CVolumetryKernels
check Readers Volumetry CTIFF CHDF5 CHDF5Driver CDeflate CCrypto CBlosc CZlib CBzip2 CZstd CFiles CPNG CJPEG
check Compton Volumetry CXraylib CComptonKernels
check Chemistry Volumetry
check Microstructure Volumetry CMicrostructureKernels
check Transport Volumetry
check Registration Volumetry CRegistrationKernels
check Tomography Volumetry CTomographyKernels
check Correlation Volumetry
check Drawing Volumetry Readers CPNG CCairo
check Solids Volumetry Readers CSolidsKernels
check Phantoms Volumetry Compton
below="Volumetry Readers Compton Chemistry Microstructure Transport Registration Tomography Correlation Drawing Solids Phantoms"
check Results $below Yams
check Pipeline $below Results Yams Logging
check Live Volumetry Readers Compton Drawing Results FlyingFox FlyingSocks
check Voxelith $below Results Pipeline Live
check VoxelithCLI Voxelith ArgumentParser Logging
check VoxelithC CVoxelith Voxelith
exit $status
