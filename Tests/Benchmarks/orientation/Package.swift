// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "orientation-bench",
  dependencies: [.package(name: "voxelith", path: "../../..")],
  targets: [
    .executableTarget(
      name: "orientation-bench", dependencies: [.product(name: "Voxelith", package: "voxelith")],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ]
)
