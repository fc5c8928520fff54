import CHDF5
import Foundation

/// The numbers of a dataset that is stored in chunks: boxes of equal size, each packed on its own.
struct HDF5Chunks {
  let dataset: HDF5Handle
  let path: String
  let shape: [Int]
  let chunk: [Int]
  let elementBytes: Int
  let filters: [HDF5Filter]

  /// All numbers, rows first.
  ///
  /// - Parameter bytes: of the whole file.
  func read(from bytes: Data) throws(HDF5Error) -> Data {
    let counts = zip(shape, chunk).map { ($0 + $1 - 1) / $1 }
    let chunkCount = counts.reduce(1, *)
    let size = shape.reduce(elementBytes, *)
    // HDF5 looks for each chunk from the beginning.
    guard chunkCount <= 10_000 else {
      throw HDF5Error(reason: "'\(path)' is cut into \(chunkCount) chunks, which are too many")
    }
    // A chunk may be larger than the dataset, but no honest writer makes it much larger.
    var chunkSize = elementBytes
    for extent in chunk {
      let (product, overflow) = chunkSize.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= max(1 << 22, 4 * size) else { throw impossible }
      chunkSize = product
    }
    let space = try HDF5Handle(H5Dget_space(dataset.id), orElse: "'\(path)' has no shape") { H5Sclose($0) }
    var stored: hsize_t = 0
    guard H5Dget_num_chunks(dataset.id, space.id, &stored) >= 0, stored == hsize_t(chunkCount) else {
      throw HDF5Error(reason: "the numbers of '\(path)' are not all in the file")
    }
    var result = Data(count: size)
    var isFilled = [Bool](repeating: false, count: chunkCount)
    for index in 0..<stored {
      let (place, packed) = try locate(index, space: space, counts: counts, bytes: bytes)
      let number = zip(place, counts).reduce(0) { $0 * $1.1 + $1.0 }
      guard !isFilled[number] else { throw impossible }
      isFilled[number] = true
      try copy(try unpack(packed, size: chunkSize), place: place, into: &result)
    }
    return result
  }

  private var impossible: HDF5Error { HDF5Error(reason: "'\(path)' has impossible chunks") }

  /// Which chunk it is, counted in chunks along each axis, and its bytes as stored with the filters that were skipped.
  private func locate(
    _ index: hsize_t, space: HDF5Handle, counts: [Int], bytes: Data
  ) throws(HDF5Error) -> (place: [Int], packed: (bytes: [UInt8], skipped: UInt32)) {
    var offset = [hsize_t](repeating: 0, count: 33)
    var skipped: UInt32 = 0
    var address: haddr_t = 0
    var length: hsize_t = 0
    guard H5Dget_chunk_info(dataset.id, space.id, index, &offset, &skipped, &address, &length) >= 0,
      address != haddr_t.max, address <= haddr_t(bytes.count), length <= hsize_t(bytes.count) - hsize_t(address)
    else { throw HDF5Error(reason: "the numbers of '\(path)' are not all in the file") }
    var place: [Int] = []
    for axis in 0..<shape.count {
      let step = hsize_t(chunk[axis])
      guard offset[axis] % step == 0, offset[axis] / step < hsize_t(counts[axis]) else { throw impossible }
      place.append(Int(offset[axis] / step))
    }
    let start = bytes.startIndex + Int(address)
    return (place, ([UInt8](bytes[start..<start + Int(length)]), skipped))
  }

  private func unpack(_ packed: (bytes: [UInt8], skipped: UInt32), size: Int) throws(HDF5Error) -> [UInt8] {
    var bytes = packed.bytes
    for (index, filter) in filters.enumerated().reversed() where packed.skipped & (1 << UInt32(index)) == 0 {
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
