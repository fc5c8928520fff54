import Foundation

/// The bytes of an HDF5 file; every access is checked.
struct HDF5Bytes {
  private let data: Data

  init(_ data: Data) { self.data = data }

  var count: Int { data.count }

  /// What HDF5 writes for an address that is none.
  static let noAddress = UInt64.max

  /// A little-endian number of 1 to 8 bytes.
  ///
  /// - Throws: `HDF5Error` outside of the file.
  func number(at place: Int, size: Int) throws(HDF5Error) -> UInt64 {
    let bytes = try slice(at: place, count: size)
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A number that must be small enough to be counted with.
  func integer(at place: Int, size: Int) throws(HDF5Error) -> Int {
    let value = try number(at: place, size: size)
    guard value <= 1 << 56 else { throw HDF5Error(reason: "it is damaged: a number at byte \(place) is impossible") }
    return Int(value)
  }

  func slice(at place: Int, count size: Int) throws(HDF5Error) -> Data {
    guard place >= 0, size >= 0, place <= data.count, size <= data.count - place else {
      throw HDF5Error(reason: "it is damaged: it refers to bytes behind its end")
    }
    let start = data.startIndex + place
    return data[start..<start + size]
  }

  /// - Throws: `HDF5Error` when other bytes stand there.
  func expect(_ signature: String, at place: Int) throws(HDF5Error) {
    guard try slice(at: place, count: signature.utf8.count).elementsEqual(signature.utf8) else {
      throw HDF5Error(reason: "it is damaged: there is no '\(signature)' at byte \(place)")
    }
  }

  /// Text up to a zero byte.
  func text(at place: Int, maximum: Int = 1024) throws(HDF5Error) -> String {
    let rest = try slice(at: place, count: min(maximum, max(0, data.count - place)))
    guard let end = rest.firstIndex(of: 0), end > rest.startIndex else {
      throw HDF5Error(reason: "it is damaged: a name at byte \(place) has no end")
    }
    return String(decoding: rest[..<end], as: UTF8.self)
  }
}
