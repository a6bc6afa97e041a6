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
check Volumetry CFFTW
check Readers Volumetry CTIFF CHDF5 CHDF5Driver CDeflate CCrypto CBlosc CZstd
check Compton Volumetry CXraylib
check Microstructure Volumetry CMicrostructureKernels
check Registration Volumetry
check Correlation Volumetry
check Renderers Volumetry Readers CPNG CCairo CRendererKernels
check Phantoms Volumetry Compton
check Voxelith Volumetry Readers Compton Microstructure Registration Correlation Renderers Phantoms Yams Logging
check VoxelithCLI Voxelith ArgumentParser Logging
exit $status
