// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableExperimentalFeature("Lifetimes"),
]

func room(_ name: String, needs: [Target.Dependency] = [], notes: [String] = []) -> Target {
  .target(name: name, dependencies: needs, exclude: ["README.md"] + notes, swiftSettings: strict)
}

// Tests that call other code and compute little themselves: they run as fast without the optimiser, which takes a third of
// the time of their build.
let quick: [SwiftSetting] = strict + [.unsafeFlags(["-Onone"])]

func tests(of name: String, needs: [Target.Dependency] = [], _ settings: [SwiftSetting] = strict) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + needs,
    path: "Tests/\(name)Tests", swiftSettings: settings)
}

// Every room from floor 1 up is a library of its own.
let rooms = [
  "Volumetry", "Readers", "Compton", "Chemistry", "Microstructure", "Transport", "Registration",
  "Tomography", "Correlation", "Drawing", "Solids", "Phantoms", "Results", "Pipeline", "Live", "Voxelith",
]

// The C interface, which other languages stand on; @c and @implementation came with Swift 6.3.
#if compiler(>=6.3)
  let interface: (products: [Product], targets: [Target]) = (
    [.library(name: "VoxelithC", type: .dynamic, targets: ["VoxelithC"])],
    [
      .systemLibrary(name: "CVoxelith"),
      room("VoxelithC", needs: ["CVoxelith", "Voxelith"]),
      tests(of: "VoxelithC", needs: ["CVoxelith"], quick),
    ]
  )
#else
  let interface: (products: [Product], targets: [Target]) = ([], [])
#endif

let package = Package(
  name: "voxelith",
  products: [
    .executable(name: "voxelith", targets: ["VoxelithCLI"])
  ] + rooms.map { .library(name: $0, targets: [$0]) } + interface.products,
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
    .systemLibrary(name: "CXraylib", pkgConfig: "libxrl", providers: [.apt(["libxrl-dev"])]),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),

    .systemLibrary(name: "CBlosc", pkgConfig: "blosc", providers: [.apt(["libblosc-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // bzip2 brings no file of pkg-config on Debian.
    .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

    .systemLibrary(name: "CFiles"),
    .target(name: "CHDF5Driver", dependencies: ["CHDF5"]),
    .target(name: "CLanes"),
    .target(name: "CVolumetryKernels", dependencies: ["CLanes"]),
    .target(name: "CMicrostructureKernels", dependencies: ["CLanes"]),
    .target(name: "CComptonKernels", dependencies: ["CLanes"]),
    .target(name: "CSolidsKernels", dependencies: ["CLanes"]),
    .target(name: "CTomographyKernels", dependencies: ["CLanes"]),
    .target(name: "CRegistrationKernels", dependencies: ["CLanes"]),

    room("Volumetry", needs: ["CFFTW", "CVolumetryKernels"]),
    .target(
      name: "Readers",
      dependencies: [
        "Volumetry", "CTIFF", "CHDF5", "CHDF5Driver", "CDeflate", "CCrypto", "CBlosc", "CZlib", "CZstd",
        "CBzip2", "CFiles", "CPNG", "CJPEG",
      ],
      exclude: ["README.md", "HDF5/README.md"], swiftSettings: strict),
    room("Compton", needs: ["Volumetry", "CXraylib", "CComptonKernels"]),
    room("Chemistry", needs: ["Volumetry"]),
    room("Microstructure", needs: ["Volumetry", "CMicrostructureKernels"]),
    room("Transport", needs: ["Volumetry"]),
    room("Registration", needs: ["Volumetry", "CRegistrationKernels"]),
    room("Tomography", needs: ["Volumetry", "CTomographyKernels"]),
    room("Correlation", needs: ["Volumetry"]),
    room("Drawing", needs: ["Volumetry", "Readers", "CPNG", "CCairo"]),
    room("Solids", needs: ["Volumetry", "Readers", "CSolidsKernels"]),
    room("Phantoms", needs: ["Volumetry", "Compton"]),
    room(
      "Results",
      needs: [
        "Volumetry", "Readers", "Compton", "Chemistry", "Microstructure", "Transport", "Registration",
        "Tomography", "Correlation", "Drawing", "Solids", "Phantoms", "Yams",
      ]),
    room(
      "Pipeline",
      needs: [
        "Volumetry", "Readers", "Compton", "Microstructure", "Transport", "Registration", "Tomography",
        "Correlation", "Drawing", "Phantoms", "Results", "Yams",
        .product(name: "Logging", package: "swift-log"),
      ]),
    room(
      "Live",
      needs: [
        "Volumetry", "Readers", "Compton", "Drawing", "Results",
        .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ]),
    room("Voxelith", needs: rooms.dropLast().map { .byName(name: $0) }),
    .executableTarget(
      name: "VoxelithCLI",
      dependencies: [
        "Voxelith", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["README.md"], swiftSettings: strict),

    .target(name: "AllocationWatch", path: "Tests/Fuzz/AllocationWatch"),
    .executableTarget(
      name: "ReaderFuzz",
      dependencies: [
        "Voxelith", "AllocationWatch", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Fuzz/ReaderFuzz", swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Volumetry"], path: "Tests/TestSupport", swiftSettings: strict),
    tests(of: "Volumetry"),
    tests(of: "Readers", needs: ["Volumetry"], quick),
    tests(of: "Compton", needs: ["Volumetry", "CComptonKernels"]),
    tests(of: "Chemistry", needs: ["Volumetry"]),
    tests(of: "Microstructure", needs: ["Volumetry"]),
    tests(of: "Registration", needs: ["Volumetry"]),
    tests(of: "Tomography", needs: ["Volumetry"]),
    tests(of: "Correlation", needs: ["Volumetry"]),
    tests(of: "Transport", needs: ["Volumetry"]),
    tests(of: "Drawing", needs: ["Volumetry", "Readers"]),
    tests(of: "Solids", needs: ["Volumetry", "Drawing"]),
    tests(of: "Results", needs: rooms.prefix { $0 != "Results" }.map { .byName(name: $0) }, quick),
    tests(of: "Phantoms", needs: ["Volumetry", "Compton"]),
    tests(of: "Pipeline", needs: rooms.prefix { $0 != "Pipeline" }.map { .byName(name: $0) }, quick),
    tests(of: "Live", needs: ["Volumetry", "Readers", "Compton", "Phantoms", "Results"], quick),
    tests(of: "Voxelith"),
    .testTarget(
      name: "CommandTests", dependencies: ["TestSupport", "VoxelithCLI", "Voxelith", "ReaderFuzz"],
      path: "Tests/CommandTests", swiftSettings: quick),
  ] + interface.targets
)

// ROOM=Compton builds and tests that room and what it stands on, and nothing else: minutes become seconds while you work.
if let room = Context.environment["ROOM"] {
  let byName = Dictionary(uniqueKeysWithValues: package.targets.map { ($0.name, $0) })
  var kept: Set<String> = []
  var open = [room, "\(room)Tests"]
  while let name = open.popLast() {
    guard let target = byName[name], kept.insert(name).inserted else { continue }
    open += target.dependencies.compactMap {
      if case .byNameItem(let name, _) = $0 { name } else { nil }
    }
  }
  package.targets.removeAll { !kept.contains($0.name) }
  package.products = []
}
