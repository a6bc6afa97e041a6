import CHDF5
import Volumetry

/// How elements of arrays are named to the library.
enum HDF5ElementType {
  /// The type in which elements of a dataset or attribute are read, or nil where they are not numbers.
  ///
  /// Odd widths are widened to the next native type. Enumerations (the booleans of h5py) count as
  /// their integers.
  static func voxelType(of type: hid_t) -> VoxelType? {
    let kind = H5Tget_class(type)
    if kind == H5T_ENUM {
      let base = H5Tget_super(type)
      guard base >= 0 else { return nil }
      defer { H5Tclose(base) }
      return voxelType(of: base)
    }
    let size = H5Tget_size(type)
    if kind == H5T_INTEGER {
      let isSigned = H5Tget_sign(type) == H5T_SGN_2
      switch size {
      case 1: return isSigned ? .int8 : .uint8
      case 2: return isSigned ? .int16 : .uint16
      case 3, 4: return isSigned ? .int32 : .uint32
      case 5...8: return isSigned ? .int64 : .uint64
      default: return nil
      }
    }
    if kind == H5T_FLOAT {
      switch size {
      case 1, 2: return isHalf(type) ? .float16 : .float32
      case 3, 4: return .float32
      // Longer ones (16 bytes is the longest there is) come from damage, and the library takes their
      // length for the size of its buffers.
      case 5...16: return .float64
      default: return nil
      }
    }
    return nil
  }

  /// Whether a float of two bytes is IEEE half precision (and not bfloat16, which needs the range of
  /// a float).
  private static func isHalf(_ type: hid_t) -> Bool {
    var (sign, exponent, exponentSize, mantissa, mantissaSize) = (0, 0, 0, 0, 0)
    let status = unsafe H5Tget_fields(
      type, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize)
    return status >= 0 && exponentSize <= 5 && mantissaSize <= 10
  }

  /// A new identifier of the machine's own type; the caller owns it.
  static func make(_ type: VoxelType) -> hid_t {
    switch type {
    case .uint8: H5Tcopy(vx_h5_uint8())
    case .uint16: H5Tcopy(vx_h5_uint16())
    case .uint32: H5Tcopy(vx_h5_uint32())
    case .uint64: H5Tcopy(vx_h5_uint64())
    case .int8: H5Tcopy(vx_h5_int8())
    case .int16: H5Tcopy(vx_h5_int16())
    case .int32: H5Tcopy(vx_h5_int32())
    case .int64: H5Tcopy(vx_h5_int64())
    case .float16: vx_h5_make_half()
    case .float32: H5Tcopy(vx_h5_float())
    case .float64: H5Tcopy(vx_h5_double())
    }
  }
}
