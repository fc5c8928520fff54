import CZlib
import Foundation

/// A step that was applied to the bytes of each chunk when they were written, and is undone here.
enum HDF5Filter: Equatable {
  /// zlib, as h5py's `compression="gzip"`.
  case deflate
  /// The first bytes of all numbers, then the second ones, ...
  case shuffle
  /// Four bytes of checksum at the end.
  case fletcher32

  /// In the order in which they were applied.
  static func pipeline(_ object: HDF5Object) throws(HDF5Error) -> [HDF5Filter] {
    guard let message = object.message(11) else { return [] }
    let version = try message.integer(at: 0, size: 1)
    let count = try message.integer(at: 1, size: 1)
    guard (1...2).contains(version), count <= 8 else {
      throw HDF5Error(reason: "'\(object.path)' has impossible filters")
    }
    var filters: [HDF5Filter] = []
    var place = version == 1 ? 8 : 2
    for _ in 0..<count {
      let id = try message.integer(at: place, size: 2)
      switch id {
      case 1: filters.append(.deflate)
      case 2: filters.append(.shuffle)
      case 3: filters.append(.fletcher32)
      default:
        throw HDF5Error(
          reason: "'\(object.path)' is packed by the HDF5 filter \(id); workbench knows gzip, shuffle and fletcher32")
      }
      // Number, length of the name (in version 2 only for numbers from 256 on), flags, number of values.
      let nameLength = version == 1 ? try message.integer(at: place + 2, size: 2) : 0
      let values = try message.integer(at: place + (version == 1 ? 6 : 4), size: 2)
      place += version == 1 ? 8 + (nameLength + 7) / 8 * 8 + 4 * (values + values % 2) : 6 + 4 * values
    }
    return filters
  }

  /// The bytes before the filter was applied, or nil when they are damaged.
  ///
  /// - Parameter size: of a whole chunk without filters; more is never unpacked.
  func undo(_ bytes: [UInt8], size: Int, elementBytes: Int) -> [UInt8]? {
    switch self {
    case .deflate: HDF5Filter.inflate(bytes, limit: size + 4)
    case .shuffle: HDF5Filter.unshuffle(bytes, elementBytes: elementBytes)
    case .fletcher32:
      bytes.count < 4 || HDF5Filter.checksum(bytes.dropLast(4)) != HDF5Filter.littleEndian(bytes.suffix(4))
        ? nil : Array(bytes.dropLast(4))
    }
  }

  private static func inflate(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var stream = z_stream()
    guard workbench_inflate_init(&stream) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    guard bytes.count <= UInt32.max, limit <= UInt32.max else { return nil }
    var input = bytes
    var output = [UInt8](repeating: 0, count: limit)
    let status = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        return CZlib.inflate(&stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END else { return nil }
    output.removeLast(Int(stream.avail_out))
    return output
  }

  private static func unshuffle(_ bytes: [UInt8], elementBytes: Int) -> [UInt8] {
    let count = bytes.count / elementBytes
    // What does not fill a number stays where it is, at the end.
    var result = bytes
    for element in 0..<count {
      for byte in 0..<elementBytes { result[element * elementBytes + byte] = bytes[byte * count + element] }
    }
    return result
  }

  /// Fletcher's checksum over big-endian pairs of bytes, as HDF5 computes it.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var (low, high): (UInt32, UInt32) = (0, 0)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let second = index + 1 < bytes.endIndex ? UInt32(bytes[index + 1]) : 0
      low = (low + (UInt32(bytes[index]) << 8 | second)) % 65535
      high = (high + low) % 65535
      index += 2
    }
    return high << 16 | low
  }

  private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
