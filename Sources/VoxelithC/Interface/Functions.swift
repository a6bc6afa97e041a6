// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CVoxelith
import Voxelith

// The functions of `voxelith.h`, under its names; the compiler holds them against it.

private let versionText = StaticText(PackageVersion.current)

@c @implementation
public func voxelith_version() -> UnsafePointer<CChar>? { unsafe versionText.pointer }

@c @implementation
public func voxelith_interface() -> Int32 { VOXELITH_INTERFACE }

@c @implementation
public func voxelith_run(
  _ operation: UnsafePointer<CChar>?, _ request: UnsafePointer<CChar>?,
  _ inputs: UnsafePointer<VoxelithArray>?,
  _ count: Int64, _ hooks: UnsafePointer<VoxelithHooks>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  let name = unsafe operation.map { unsafe String(cString: $0) } ?? ""
  let outcome = Outcome(name)
  do throws(VoxelithError) {
    guard unsafe result != nil else { throw VoxelithError(.usage, "there is no place for the result") }
    var lent: [LentArray] = []
    for index in 0..<max(0, Int(count)) {
      guard let inputs = unsafe inputs else { throw VoxelithError(.usage, "the inputs are missing") }
      lent.append(try unsafe LentArray(inputs[index]))
    }
    let text = unsafe request.map { unsafe String(cString: $0) } ?? ""
    try Fork.check()
    try ProcessFiles.check()
    let call = try Call(name, request: text, inputs: lent, outcome: outcome)
    call.run(unsafe Hooks(hooks?.pointee ?? VoxelithHooks()))
  } catch {
    outcome.fail(error)
  }
  let status = outcome.error?.code.exitStatus ?? 0
  unsafe result?.pointee = unsafe OpaquePointer(Unmanaged.passRetained(outcome).toOpaque())
  return status
}

@c @implementation
public func voxelith_result_error(_ result: OpaquePointer?) -> UnsafePointer<CChar>? {
  guard let outcome = unsafe outcome(result), let error = outcome.error else { return nil }
  return unsafe outcome.text(error.description)
}

@c @implementation
public func voxelith_result_report(_ result: OpaquePointer?) -> UnsafePointer<CChar>? {
  guard let outcome = unsafe outcome(result) else { return nil }
  return unsafe outcome.text(outcome.report)
}

@c @implementation
public func voxelith_result_notice(_ result: OpaquePointer?, _ index: Int64) -> UnsafePointer<CChar>? {
  unsafe outcome(result)?.notice(at: Int(index))
}

@c @implementation
public func voxelith_result_array(
  _ result: OpaquePointer?, _ index: Int64, _ array: UnsafeMutablePointer<VoxelithArray>?
) -> Int32 {
  guard let outcome = unsafe outcome(result), let array = unsafe array else { return 0 }
  return unsafe outcome.describe(Int(index), in: array) ? 1 : 0
}

@c @implementation
public func voxelith_result_free(_ result: OpaquePointer?) {
  if let result = unsafe result { unsafe Unmanaged<Outcome>.fromOpaque(UnsafeRawPointer(result)).release() }
}

private func outcome(_ result: OpaquePointer?) -> Outcome? {
  unsafe result.map { unsafe Unmanaged<Outcome>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}
