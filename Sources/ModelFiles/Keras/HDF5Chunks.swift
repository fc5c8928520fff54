import Foundation

/// The numbers of a dataset that is stored in chunks: boxes of equal size, each packed on its own.
struct HDF5Chunks {
  let file: HDF5Bytes
  let path: String
  let shape: [Int]
  let chunk: [Int]
  let elementBytes: Int
  let filters: [HDF5Filter]

  /// All numbers, rows first.
  ///
  /// - Parameter tree: the address of the B-tree of the chunks.
  func read(_ tree: UInt64) throws(HDF5Error) -> Data {
    let counts = zip(shape, chunk).map { ($0 + $1 - 1) / $1 }
    let chunkCount = counts.reduce(1, *)
    let size = shape.reduce(elementBytes, *)
    // A chunk may be larger than the dataset, but no honest writer makes it much larger.
    var chunkSize = elementBytes
    for extent in chunk {
      let (product, overflow) = chunkSize.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= max(1 << 22, 4 * size) else { throw impossible }
      chunkSize = product
    }
    let isWritten = tree != HDF5Bytes.noAddress
    let leaves = isWritten ? try HDF5Tree(file: file, kind: .chunks(rank: shape.count)).leaves(from: tree) : []
    guard leaves.count == chunkCount else {
      throw HDF5Error(reason: "the numbers of '\(path)' are not all in the file")
    }
    var result = Data(count: size)
    var isFilled = [Bool](repeating: false, count: chunkCount)
    for leaf in leaves {
      let place = try place(leaf, counts: counts)
      let number = zip(place, counts).reduce(0) { $0 * $1.1 + $1.0 }
      guard !isFilled[number] else { throw impossible }
      isFilled[number] = true
      try copy(try unpack(leaf, size: chunkSize), place: place, into: &result)
    }
    return result
  }

  private var impossible: HDF5Error { HDF5Error(reason: "'\(path)' has impossible chunks") }

  /// Which chunk it is, counted in chunks along each axis.
  private func place(_ leaf: HDF5Tree.Leaf, counts: [Int]) throws(HDF5Error) -> [Int] {
    var place: [Int] = []
    for axis in 0..<shape.count {
      let offset = try file.integer(at: leaf.key + 8 + 8 * axis, size: 8)
      guard offset % chunk[axis] == 0, offset / chunk[axis] < counts[axis] else { throw impossible }
      place.append(offset / chunk[axis])
    }
    return place
  }

  private func unpack(_ leaf: HDF5Tree.Leaf, size: Int) throws(HDF5Error) -> [UInt8] {
    let packed = try file.slice(at: leaf.address, count: file.integer(at: leaf.key, size: 4))
    let skipped = try file.integer(at: leaf.key + 4, size: 4)
    var bytes = [UInt8](packed)
    for (index, filter) in filters.enumerated().reversed() where skipped & (1 << index) == 0 {
      guard let unpacked = filter.undo(bytes, size: size, elementBytes: elementBytes) else {
        throw HDF5Error(reason: "'\(path)' cannot be unpacked")
      }
      bytes = unpacked
    }
    guard bytes.count == size else { throw HDF5Error(reason: "'\(path)' cannot be unpacked") }
    return bytes
  }

  /// The part of a chunk that lies inside of the dataset goes to its place, a row of the last axis at a time.
  private func copy(_ source: [UInt8], place: [Int], into target: inout Data) throws(HDF5Error) {
    let rank = shape.count
    let start = (0..<rank).map { place[$0] * chunk[$0] }
    let extent = (0..<rank).map { min(chunk[$0], shape[$0] - start[$0]) }
    guard extent.allSatisfy({ $0 >= 1 }) else { throw impossible }
    let rowBytes = extent[rank - 1] * elementBytes
    let rows = extent.dropLast().reduce(1, *)
    for row in 0..<rows {
      var rest = row
      var (from, to) = (0, 0)
      var (fromStep, toStep) = (chunk[rank - 1], shape[rank - 1])
      for axis in (0..<rank - 1).reversed() {
        let position = rest % extent[axis]
        rest /= extent[axis]
        from += position * fromStep
        to += (start[axis] + position) * toStep
        fromStep *= chunk[axis]
        toStep *= shape[axis]
      }
      let first = target.startIndex + (to + start[rank - 1]) * elementBytes
      target.replaceSubrange(
        first..<first + rowBytes, with: source[from * elementBytes..<from * elementBytes + rowBytes])
    }
  }
}
