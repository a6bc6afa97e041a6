// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "registration-bench",
  dependencies: [.package(name: "voxelith", path: "../../..")],
  targets: [
    .executableTarget(
      name: "registration-bench", dependencies: [.product(name: "Voxelith", package: "voxelith")],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ]
)
