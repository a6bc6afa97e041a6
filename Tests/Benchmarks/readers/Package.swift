// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that those who use Voxelith do not build it.
let package = Package(
  name: "reader-benchmarks",
  dependencies: [.package(name: "voxelith", path: "../../..")],
  targets: [
    .executableTarget(
      name: "ReadBenchmark", dependencies: [.product(name: "Voxelith", package: "voxelith")],
      path: "ReadBenchmark", swiftSettings: [.swiftLanguageMode(.v6)])
  ]
)
