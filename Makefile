# One command each, on a fresh Debian 12 with Swift: make demo, make test.

APT = libtiff-dev libpng-dev libfftw3-dev libhdf5-dev libxrl-dev libcairo2-dev libfreetype-dev libssl-dev libdeflate-dev libblosc-dev \
      libzstd-dev zlib1g-dev libbz2-dev libjpeg-dev pkg-config \
      hdf5-filter-plugin hdf5-filter-plugin-blosc-serial fonts-dejavu-core fonts-liberation
PKGS = libtiff-4 libpng fftw3f fftw3 hdf5 libxrl cairo freetype2 libcrypto libdeflate blosc libzstd zlib libjpeg
SUDO = $(shell [ "$$(id -u)" = 0 ] || echo sudo)
DEMO ?= demo-out
PREFIX ?= /usr/local
BUILD = swift build -c release
# DEPS= where something else than apt gives the libraries.
DEPS = deps

SANITIZED ?= Volumetry Readers Compton Chemistry Microstructure Transport Registration Tomography Correlation Drawing Solids Phantoms

.PHONY: all deps deps-test build demo gallery bench test soak sanitize docs lint native install uninstall wheel deb clean

all: build

# Installs what is missing and nothing else; asks apt only if something is.
deps:
	@missing=""; \
	command -v pkg-config >/dev/null && pkg-config --exists $(PKGS) || missing=yes; \
	for p in $(APT); do dpkg -s $$p >/dev/null 2>&1 || missing=yes; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing: $(APT)"; \
	  $(SUDO) apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $(APT); \
	fi
	@command -v swift >/dev/null || { echo "Swift 6.2 or newer is needed: https://www.swift.org/install/linux/"; exit 1; }

# What some tests look at results with; they say so and are skipped where it is missing.
APT_TEST = chromium poppler-utils python3-venv
VENV ?= .build/python
deps-test: deps
	$(SUDO) apt-get update -qq
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $(APT_TEST)
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install -q numpy pandas xarray matplotlib tifffile h5py zarr ome-zarr SimpleITK nbconvert ipykernel
	$(VENV)/bin/pip install -q 'napari[pyqt6]' magicgui || echo "napari is not installed; its tests will be skipped"
	@echo "now: VOXELITH_PYTHON=$(CURDIR)/$(VENV)/bin/python make test"

build: deps
	$(BUILD) --product voxelith

demo: build
	.build/release/voxelith demo -o $(DEMO) --overwrite

# Runs the indented lines of the gallery's page, which thereby stay true.
gallery: build
	rm -rf gallery-out
	rm -f Notebooks-exports/gallery/*.png Notebooks-exports/gallery/*.provenance.json
	{ echo 'set -e; voxelith() { $(CURDIR)/.build/release/voxelith "$$@" --overwrite --quiet; }'; \
	  sed -n 's/^    //p' Notebooks-exports/gallery/README.md; } | sh
	rm -f Notebooks-exports/gallery/*.provenance.json

# Every benchmark beside its peers, in one table. PEERS is a Python that has them; what is missing is named.
PEERS ?= python3
BENCH ?= .build/bench.md
bench: build
	PEERS="$(PEERS)" sh Tests/Benchmarks/run.sh $(BENCH)

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

# The flag proves that every import is declared in Package.swift: rooms reach only lower floors.
test: deps lint
	sh Tests/check-rooms.sh
	$(BUILD) --build-tests --explicit-target-dependency-import-check error
	swift test -c release --skip-build --skip ServerTests
	# They answer in time only where no other test of the process holds all its threads.
	swift test -c release --skip-build --filter ServerTests
	sh Tests/small-package.sh
	sh Tests/docs.sh

# The long forms: 100,000 damaged files a reader, hundreds of kills and signals, every number of shards and threads, a
# real Slurm on this machine (skipped where that needs rights that you have not), and the sanitizers.
soak: deps
	$(BUILD) --build-tests
	VOXELITH_SOAK=1 swift test -c release --skip-build --no-parallel --filter 'FuzzTests|ResumeTests|FaultTests|ShardTests|ChanceTests|CancellationTests|StoppingTests|NoiseBoundTests|SlabTests|WorstVoxelTests|CorrectionTests|NumberTextTests'
	sh Tests/Slurm/run.sh .build/release/voxelith
	$(MAKE) sanitize

# The tests of every room under AddressSanitizer and ThreadSanitizer, each room by itself; -j2 runs the two side by side.
sanitize: sanitize-address sanitize-thread

sanitize-%: deps
	@set -e; for room in $(SANITIZED); do \
	  echo "== $$room, $*"; \
	  ROOM=$$room swift build -c release --build-tests --sanitize=$* --scratch-path .build-$*; \
	  sh Tests/sanitized.sh $$room $*; \
	done

# DocC of every room from the modules of the build; any warning is an error.
docs: build
	sh Tests/docs.sh

# The program and the library with the Swift runtime inside. Another way of building, so it builds all once more in its own folder.
STATIC ?= .build-static
NATIVE ?= $(STATIC)/native
DIST ?= dist
native: $(DEPS)
	sh .packaging/static.sh $(NATIVE) $(STATIC)

# Needs no toolchain where it runs: neither Swift's folder nor its libraries.
install: native
	sh .packaging/install.sh $(NATIVE) $(DESTDIR)$(PREFIX)

# What install put there, and nothing else.
uninstall:
	sh .packaging/uninstall.sh $(DESTDIR)$(PREFIX)

# For `pip install dist/voxelith-*.whl`: the Python package, the library, the program and the C libraries below them.
wheel: native
	sh .packaging/wheel.sh $(NATIVE) $(DIST)

deb: native
	@command -v dpkg-shlibdeps >/dev/null || $(SUDO) apt-get install -y -qq --no-install-recommends dpkg-dev
	sh .packaging/deb.sh $(NATIVE) $(DIST)

clean:
	rm -rf .build $(STATIC) $(DIST) $(DEMO)
