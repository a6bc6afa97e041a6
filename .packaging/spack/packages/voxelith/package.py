from spack.package import *


class Voxelith(MakefilePackage):
    """Lithium in battery electrodes from X-ray Compton scattering, with an error bar on every voxel, and the microstructure that X-ray
    tomography sees. Swift must be on the path: Spack has none."""

    # The address of the repository and the checksums of releases come with the first release.
    # Until then: spack dev-build voxelith@main, in a checkout.
    version("main", branch="main")

    depends_on("c", type="build")
    depends_on("gmake", type="build")
    depends_on("pkgconf", type="build")
    depends_on("libtiff")
    depends_on("libpng")
    depends_on("hdf5")
    depends_on("fftw precision=float,double")
    depends_on("xraylib")
    depends_on("cairo +ft +fc")
    depends_on("freetype")
    depends_on("openssl")
    depends_on("libdeflate")
    depends_on("c-blosc")
    depends_on("zstd")
    depends_on("zlib-api")
    depends_on("bzip2")
    depends_on("libjpeg-turbo")

    def build(self, spec, prefix):
        make("native", "DEPS=")

    def install(self, spec, prefix):
        make("install", "DEPS=", f"PREFIX={prefix}")
