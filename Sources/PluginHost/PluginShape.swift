import CWorkbenchPlugin
import Tensors

extension workbench_shape {
  /// As the host makes it: with its size.
  init(_ shape: Shape) {
    self.init()
    struct_size = UInt32(MemoryLayout<workbench_shape>.size)
    rank = UInt32(shape.rank)
    withUnsafeMutableBytes(of: &extents) { bytes in
      let extents = bytes.bindMemory(to: UInt64.self)
      for axis in 0..<min(shape.rank, extents.count) { extents[axis] = UInt64(shape[axis]) }
    }
  }

  /// nil when it has too many axes, an extent of 0, or more numbers than a network may have in one array.
  func checked(limit: Int) -> Shape? {
    guard rank <= UInt32(WORKBENCH_RANK_MAX) else { return nil }
    let extents = withUnsafeBytes(of: extents) { Array($0.bindMemory(to: UInt64.self).prefix(Int(rank))) }
    var count: UInt64 = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 1, !overflow, product <= UInt64(limit) else { return nil }
      count = product
    }
    return Shape(extents.map { Int($0) })
  }

  /// `[3, 0, 18446744073709551615]`, whatever it holds.
  var text: String {
    guard rank <= UInt32(WORKBENCH_RANK_MAX) else { return "of \(rank) axes" }
    let extents = withUnsafeBytes(of: extents) { Array($0.bindMemory(to: UInt64.self).prefix(Int(rank))) }
    return "[\(extents.map { "\($0)" }.joined(separator: ", "))]"
  }
}
