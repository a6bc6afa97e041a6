/// Voxels by their key, the least first; of equal keys the lower voxel, so that the order is the same everywhere.
struct VoxelQueue {
  private struct Entry {
    let key: Float
    let voxel: Int32
  }

  private var heap: [Entry] = []

  var isEmpty: Bool { heap.isEmpty }

  @inline(__always)
  private func isLess(_ a: Entry, _ b: Entry) -> Bool {
    a.key != b.key ? a.key < b.key : a.voxel < b.voxel
  }

  mutating func push(_ voxel: Int, key: Float) {
    let entry = Entry(key: key, voxel: Int32(voxel))
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard isLess(entry, heap[parent]) else { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = entry
  }

  mutating func pop() -> (voxel: Int, key: Float)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      var parent = 0
      while true {
        var child = 2 * parent + 1
        guard child < heap.count else { break }
        if child + 1 < heap.count && isLess(heap[child + 1], heap[child]) { child += 1 }
        guard isLess(heap[child], last) else { break }
        heap[parent] = heap[child]
        parent = child
      }
      heap[parent] = last
    }
    return (Int(first.voxel), first.key)
  }
}
