/// Filters of HDF5 that chunks are packed with by hand.
enum HandmadeFilter: CaseIterable {
  case deflate, shuffle, fletcher32, lzf, lz4, blosc, zstd, bitshuffle

  var identifier: Int {
    switch self {
    case .deflate: 1
    case .shuffle: 2
    case .fletcher32: 3
    case .lzf: 32000
    case .blosc: 32001
    case .lz4: 32004
    case .bitshuffle: 32008
    case .zstd: 32015
    }
  }

  func settings(size: Int) -> [UInt32] {
    switch self {
    case .deflate: [4]
    case .shuffle: [UInt32(size)]
    case .bitshuffle: [0, 5, UInt32(size), 64, 2]
    default: []
    }
  }

  func pack(_ bytes: [UInt8], size: Int) -> [UInt8] {
    switch self {
    case .deflate: ChunkEncoders.zlib(bytes)
    case .shuffle: ChunkEncoders.shuffle(bytes, size: size)
    case .fletcher32: ChunkEncoders.fletcher32(bytes)
    case .lzf: ChunkEncoders.lzf(bytes)
    case .lz4: ChunkEncoders.lz4(bytes, block: 100)
    case .blosc: ChunkEncoders.blosc(bytes, size: size)
    case .zstd: ChunkEncoders.zstd(bytes)
    case .bitshuffle: ChunkEncoders.bitshuffle(bytes, size: size, block: 64, packsLZ4: true)
    }
  }
}
