import CVoxelith
import Voxelith

/// Element types by the numbers of `voxelith.h`.
enum ArrayType {
  private static let codes: [VoxelType: Int] = [
    .uint8: VOXELITH_UINT8, .uint16: VOXELITH_UINT16, .uint32: VOXELITH_UINT32, .uint64: VOXELITH_UINT64,
    .int8: VOXELITH_INT8, .int16: VOXELITH_INT16, .int32: VOXELITH_INT32, .int64: VOXELITH_INT64,
    .float16: VOXELITH_FLOAT16, .float32: VOXELITH_FLOAT32, .float64: VOXELITH_FLOAT64,
  ]

  static func type(_ code: Int32) -> VoxelType? { codes.first { $0.value == Int(code) }?.key }

  static func code(_ type: VoxelType) -> Int32 { Int32(codes[type] ?? 0) }
}
