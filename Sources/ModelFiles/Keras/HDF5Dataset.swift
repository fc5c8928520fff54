import CHDF5
import Foundation
import Tensors

/// An array of floating point numbers in an HDF5 file.
///
/// HDF5 tells where the numbers lie; they are then taken from the file's bytes and unpacked here, with every extent
/// checked, so that a file can neither make the library unpack without end nor send it to another file.
struct HDF5Dataset {
  let path: String
  let shape: Shape
  private let handle: HDF5Handle
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
    case contiguous
    case compact
    case chunked(chunk: [Int], filters: [HDF5Filter])
  }

  /// - Throws: `HDF5Error` when it is not an array of float16, float32 or float64, or stored in a way that is not read.
  init(handle: HDF5Handle, path: String) throws(HDF5Error) {
    self.handle = handle
    self.path = path
    shape = try HDF5Dataset.shape(handle, path: path)
    element = try HDF5Dataset.element(handle, path: path)
    storage = try HDF5Dataset.storage(handle, path: path, rank: shape.rank)
  }

  /// The numbers as float32.
  ///
  /// - Parameters:
  ///   - bytes: of the whole file.
  ///   - wanted: the tensor's shape, of as many numbers.
  func read(from bytes: Data, as wanted: Shape) throws(HDF5Error) -> Tensor {
    guard shape.count == wanted.count else { throw HDF5Error(reason: "'\(path)' has another number of elements") }
    let tensor = Tensor(wanted)
    let size = shape.count * element.bytes
    if size == 0 { return tensor }
    let raw: Data
    switch storage {
    case .contiguous: raw = try contiguousBytes(bytes, size: size)
    case .compact: raw = try compactBytes(size: size)
    case .chunked(let chunk, let filters):
      raw = try HDF5Chunks(
        dataset: handle, path: path, shape: shape.dimensions, chunk: chunk, elementBytes: element.bytes,
        filters: filters
      ).read(from: bytes)
    }
    let isKnown = raw.withUnsafeBytes { convertToFloat($0, dataType: element.rawValue, into: tensor.buffer) }
    guard isKnown else { throw HDF5Error(reason: "'\(path)' holds numbers of an unknown type") }
    return tensor
  }

  private func contiguousBytes(_ bytes: Data, size: Int) throws(HDF5Error) -> Data {
    let offset = H5Dget_offset(handle.id)
    guard H5Dget_storage_size(handle.id) == hsize_t(size), offset != haddr_t.max, offset <= haddr_t(bytes.count),
      size <= bytes.count - Int(offset)
    else { throw HDF5Error(reason: "the numbers of '\(path)' are not all in the file") }
    let start = bytes.startIndex + Int(offset)
    return bytes[start..<start + size]
  }

  private func compactBytes(size: Int) throws(HDF5Error) -> Data {
    guard H5Dget_storage_size(handle.id) == hsize_t(size), size <= 1 << 16 else {
      throw HDF5Error(reason: "the numbers of '\(path)' are not all in the file")
    }
    let type = try HDF5Handle(H5Dget_type(handle.id), orElse: "'\(path)' has no type") { H5Tclose($0) }
    var raw = Data(count: size)
    let all = workbench_h5_whole_space()
    let status = raw.withUnsafeMutableBytes {
      H5Dread(handle.id, type.id, all, all, workbench_h5_default(), $0.baseAddress)
    }
    guard status >= 0 else { throw HDF5Error(reason: "'\(path)' cannot be read") }
    return raw
  }

  private static func shape(_ handle: HDF5Handle, path: String) throws(HDF5Error) -> Shape {
    let space = try HDF5Handle(H5Dget_space(handle.id), orElse: "'\(path)' has no shape") { H5Sclose($0) }
    let rank = Int(H5Sget_simple_extent_ndims(space.id))
    guard (0...8).contains(rank), H5Sget_simple_extent_type(space.id) != H5S_NULL else {
      throw HDF5Error(reason: "'\(path)' has an impossible shape")
    }
    var dimensions = [hsize_t](repeating: 0, count: 8)
    guard H5Sget_simple_extent_dims(space.id, &dimensions, nil) >= 0 else {
      throw HDF5Error(reason: "'\(path)' has an impossible shape")
    }
    var count = 1
    var extents: [Int] = []
    for dimension in dimensions[..<rank] {
      guard let extent = Int(exactly: dimension) else {
        throw HDF5Error(reason: "'\(path)' has an impossible shape")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 59 else { throw HDF5Error(reason: "'\(path)' has an impossible shape") }
      count = product
      extents.append(extent)
    }
    return Shape(extents)
  }

  private static func element(_ handle: HDF5Handle, path: String) throws(HDF5Error) -> Element {
    let type = try HDF5Handle(H5Dget_type(handle.id), orElse: "'\(path)' has no type") { H5Tclose($0) }
    guard H5Tget_class(type.id) == H5T_FLOAT else {
      throw HDF5Error(reason: "'\(path)' does not hold floating point numbers")
    }
    var (sign, exponent, exponentBits, fraction, fractionBits) = (0, 0, 0, 0, 0)
    guard H5Tget_order(type.id) == H5T_ORDER_LE, H5Tget_offset(type.id) == 0,
      H5Tget_fields(type.id, &sign, &exponent, &exponentBits, &fraction, &fractionBits) >= 0
    else { throw HDF5Error(reason: "'\(path)' holds numbers that are not little-endian") }
    let fields = [H5Tget_size(type.id), sign, exponent, exponentBits, fraction, fractionBits, H5Tget_ebias(type.id)]
    switch fields {
    case [2, 15, 10, 5, 0, 10, 15]: return .half
    case [4, 31, 23, 8, 0, 23, 127]: return .single
    case [8, 63, 52, 11, 0, 52, 1023]: return .double
    default: throw HDF5Error(reason: "'\(path)' holds numbers other than float16, float32 and float64")
    }
  }

  private static func storage(_ handle: HDF5Handle, path: String, rank: Int) throws(HDF5Error) -> Storage {
    let properties = try HDF5Handle(
      H5Dget_create_plist(handle.id), orElse: "'\(path)' cannot be read"
    ) { H5Pclose($0) }
    guard H5Pget_external_count(properties.id) == 0 else {
      throw HDF5Error(reason: "the numbers of '\(path)' lie in another file, which is not read")
    }
    switch H5Pget_layout(properties.id) {
    case H5D_CONTIGUOUS: return .contiguous
    case H5D_COMPACT: return .compact
    case H5D_CHUNKED:
      var extents = [hsize_t](repeating: 0, count: 33)
      guard H5Pget_chunk(properties.id, 33, &extents) == Int32(rank), rank > 0 else {
        throw HDF5Error(reason: "'\(path)' has impossible chunks")
      }
      let chunk = extents[..<rank].compactMap { Int(exactly: $0) }.filter { $0 >= 1 && $0 < 1 << 32 }
      guard chunk.count == rank else { throw HDF5Error(reason: "'\(path)' has impossible chunks") }
      return .chunked(chunk: chunk, filters: try HDF5Filter.pipeline(properties, path: path))
    case H5D_VIRTUAL:
      throw HDF5Error(reason: "the numbers of '\(path)' lie in other datasets, which are not read")
    default: throw HDF5Error(reason: "'\(path)' is stored in an unknown way")
    }
  }
}
