import Foundation
import Tensors

/// An array of floating point numbers in an HDF5 file.
struct HDF5Dataset {
  let path: String
  let shape: Shape
  private let file: HDF5Bytes
  private let element: Element
  private let storage: Storage

  /// How a number is stored, little-endian.
  private enum Element: String {
    case half = "F16"
    case single = "F32"
    case double = "F64"

    var bytes: Int {
      switch self {
      case .half: 2
      case .single: 4
      case .double: 8
      }
    }
  }

  private enum Storage {
    case plain(Data)
    case missing
    /// `tree` is `HDF5Bytes.noAddress` when nothing was ever written.
    case chunked(tree: UInt64, chunk: [Int], filters: [HDF5Filter])
  }

  /// - Throws: `HDF5Error` when it is not an array of float16, float32 or float64, or stored in a way that is not read.
  init(_ object: HDF5Object) throws(HDF5Error) {
    path = object.path
    file = object.file
    shape = try HDF5Dataset.shape(object)
    element = try HDF5Dataset.element(object)
    storage = try HDF5Dataset.storage(object, rank: shape.rank, elementBytes: element.bytes)
  }

  /// The numbers as float32.
  ///
  /// - Parameter wanted: the tensor's shape, of as many numbers. As much memory is taken.
  func read(as wanted: Shape) throws(HDF5Error) -> Tensor {
    guard shape.count == wanted.count else { throw HDF5Error(reason: "'\(path)' has another number of elements") }
    let tensor = Tensor(wanted)
    let size = shape.count * element.bytes
    if size == 0 { return tensor }
    let raw: Data
    switch storage {
    case .plain(let data): raw = data
    case .missing: raw = Data()
    case .chunked(let tree, let chunk, let filters):
      raw = try HDF5Chunks(
        file: file, path: path, shape: shape.dimensions, chunk: chunk, elementBytes: element.bytes, filters: filters
      ).read(tree)
    }
    guard raw.count == size else { throw HDF5Error(reason: "the numbers of '\(path)' are not all in the file") }
    let isKnown = raw.withUnsafeBytes { convertToFloat($0, dataType: element.rawValue, into: tensor.buffer) }
    guard isKnown else { throw HDF5Error(reason: "'\(path)' holds numbers of an unknown type") }
    return tensor
  }

  private static func shape(_ object: HDF5Object) throws(HDF5Error) -> Shape {
    let impossible = HDF5Error(reason: "'\(object.path)' has an impossible shape")
    guard let message = object.message(1) else { throw impossible }
    let version = try message.integer(at: 0, size: 1)
    let rank = try message.integer(at: 1, size: 1)
    guard (1...2).contains(version), rank <= 8 else { throw impossible }
    // Type 2 of version 2 is a dataset without any extent.
    if version == 2, try message.integer(at: 3, size: 1) == 2 { throw impossible }
    var count = 1
    var extents: [Int] = []
    for axis in 0..<rank {
      let extent = try message.integer(at: (version == 1 ? 8 : 4) + 8 * axis, size: 8)
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 59 else { throw impossible }
      count = product
      extents.append(extent)
    }
    return Shape(extents)
  }

  private static func element(_ object: HDF5Object) throws(HDF5Error) -> Element {
    guard let message = object.message(3), try message.integer(at: 0, size: 1) & 15 == 1 else {
      throw HDF5Error(reason: "'\(object.path)' does not hold floating point numbers")
    }
    let order = try message.integer(at: 1, size: 1)
    guard order & 0x41 == 0 else {
      throw HDF5Error(reason: "'\(object.path)' holds numbers that are not little-endian")
    }
    // Size, place of the sign, offset, precision, exponent (place, bits), fraction (place, bits), bias.
    let places = [(4, 4), (2, 1), (8, 2), (10, 2), (12, 1), (13, 1), (14, 1), (15, 1), (16, 4)]
    var fields: [Int] = []
    for (place, size) in places { fields.append(try message.integer(at: place, size: size)) }
    switch fields {
    case [2, 15, 0, 16, 10, 5, 0, 10, 15]: return .half
    case [4, 31, 0, 32, 23, 8, 0, 23, 127]: return .single
    case [8, 63, 0, 64, 52, 11, 0, 52, 1023]: return .double
    default: throw HDF5Error(reason: "'\(object.path)' holds numbers other than float16, float32 and float64")
    }
  }

  private static func storage(
    _ object: HDF5Object, rank: Int, elementBytes: Int
  ) throws(HDF5Error) -> Storage {
    if object.message(7) != nil {
      throw HDF5Error(reason: "the numbers of '\(object.path)' lie in another file, which is not read")
    }
    guard let message = object.message(8) else { throw HDF5Error(reason: "'\(object.path)' has no numbers") }
    guard try message.integer(at: 0, size: 1) == 3 else {
      throw HDF5Error(reason: "'\(object.path)' is stored in another form of HDF5, which workbench does not read")
    }
    switch try message.integer(at: 1, size: 1) {
    case 0: return .plain(try message.slice(at: 4, count: message.integer(at: 2, size: 2)))
    case 1:
      let address = try message.number(at: 2, size: 8)
      if address == HDF5Bytes.noAddress { return .missing }
      guard address <= UInt64(object.file.count) else {
        throw HDF5Error(reason: "the numbers of '\(object.path)' are not all in the file")
      }
      return .plain(try object.file.slice(at: Int(address), count: message.integer(at: 10, size: 8)))
    case 2:
      var chunk: [Int] = []
      for axis in 0..<rank { chunk.append(try message.integer(at: 11 + 4 * axis, size: 4)) }
      guard rank >= 1, try message.integer(at: 2, size: 1) == rank + 1, chunk.allSatisfy({ $0 >= 1 }),
        try message.integer(at: 11 + 4 * rank, size: 4) == elementBytes
      else { throw HDF5Error(reason: "'\(object.path)' has impossible chunks") }
      return .chunked(
        tree: try message.number(at: 3, size: 8), chunk: chunk, filters: try HDF5Filter.pipeline(object))
    default: throw HDF5Error(reason: "'\(object.path)' is stored in an unknown way")
    }
  }
}
