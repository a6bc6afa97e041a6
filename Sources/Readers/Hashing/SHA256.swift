import CCrypto
public import Foundation
public import Volumetry

/// SHA-256 by OpenSSL's libcrypto, for provenance and for telling whether inputs changed.
@safe public final class SHA256 {
  private let context: OpaquePointer

  /// - Throws: `internal` where the library refuses.
  public init() throws(VoxelithError) {
    guard let context = unsafe EVP_MD_CTX_new() else {
      throw VoxelithError(.internal, "no memory for a checksum")
    }
    unsafe self.context = context
    guard unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      unsafe EVP_MD_CTX_free(context)
      throw VoxelithError(.internal, "SHA-256 is not available in libcrypto")
    }
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  public func update(_ data: Data) {
    unsafe data.withUnsafeBytes { bytes in unsafe update(bytes) }
  }

  private func update(_ bytes: UnsafeRawBufferPointer) {
    if let start = bytes.baseAddress { unsafe _ = EVP_DigestUpdate(context, start, bytes.count) }
  }

  /// Bytes of a file that are read at once: they stay in the processor's cache, and the same memory serves all of a file.
  private static let piece = 256 << 10

  private func update(_ file: InputFile) throws(VoxelithError) {
    var memory = [UInt8](repeating: 0, count: min(Self.piece, file.size))
    var offset = 0
    var failure: VoxelithError?
    unsafe memory.withUnsafeMutableBytes { all in
      do throws(VoxelithError) {
        while offset < file.size {
          try Cancellation.poll()
          let bytes = unsafe UnsafeMutableRawBufferPointer(
            rebasing: all[..<min(all.count, file.size - offset)])
          unsafe try file.read(into: bytes, at: offset)
          unsafe update(UnsafeRawBufferPointer(bytes))
          offset += bytes.count
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// The checksum of everything so far, in lower-case hexadecimal. Ends the computation.
  public func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    unsafe _ = EVP_DigestFinal_ex(context, &digest, &length)
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// Checksum of a text.
  public static func of(_ text: String) throws(VoxelithError) -> String {
    let hash = try SHA256()
    hash.update(Data(text.utf8))
    return hash.finish()
  }

  /// Checksum of a file, read piece by piece; of a folder, the checksum over the names and checksums of its files.
  ///
  /// - Throws: `missing` where there is nothing at the path, `io` where reading fails.
  public static func of(file path: String) throws(VoxelithError) -> String {
    var isFolder = ObjCBool(false)
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw VoxelithError(.missing, "there is no such file", file: path)
    }
    if isFolder.boolValue {
      let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
      let hash = try SHA256()
      // Zarr keeps its descriptions in hidden files.
      for name in names where !name.hasPrefix(".") || name.hasPrefix(".z") {
        hash.update(Data("\(name) \(try of(file: path + "/" + name))\n".utf8))
      }
      return hash.finish()
    }
    // Opening a pipe or a device never waits, and is refused.
    let file: InputFile
    do throws(VoxelithError) {
      file = try InputFile(path)
    } catch {
      // The one regular file that an opener refuses: it has a checksum.
      if error.code == .data, let data = try? WholeFile.read(path), data.isEmpty { return try of("") }
      throw error
    }
    let hash = try SHA256()
    try hash.update(file)
    return hash.finish()
  }
}
