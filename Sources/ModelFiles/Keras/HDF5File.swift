import Foundation

/// An HDF5 file that lies in memory, read without the HDF5 library: that one divides by zero, or worse, on a file that
/// was made to harm. Here every place and size is checked before it is used, and nothing leads out of the file.
///
/// Understands what h5py and the library write unless told to use their newest forms (`libver="latest"`), which is what
/// Keras' files are: version 0 or 1 of the superblock, version 1 of object headers.
/// Source: HDF5 File Format Specification 3.0, sections II.A, III.A, III.C, III.D, IV.A.
///
///     superblock -> root object -> messages -> B-tree and heap of names -> objects ... -> messages of a dataset
struct HDF5File {
  let root: HDF5Group

  /// - Throws: `HDF5Error` when the bytes are no HDF5 file, or of a newer form.
  init(_ data: Data) throws(HDF5Error) {
    let bytes = HDF5Bytes(data)
    guard data.count >= 100, data.prefix(8).elementsEqual([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) else {
      throw HDF5Error(reason: "it is no HDF5 file")
    }
    let version = try bytes.integer(at: 8, size: 1)
    guard version <= 1 else {
      throw HDF5Error(
        reason: "it is written in a newer form of HDF5 (superblock \(version)), which workbench does not read")
    }
    let addresses = version == 0 ? 24 : 28
    guard try bytes.integer(at: 13, size: 1) == 8, try bytes.integer(at: 14, size: 1) == 8,
      try bytes.number(at: addresses, size: 8) == 0
    else { throw HDF5Error(reason: "it has addresses of an unusual kind, which workbench does not read") }
    let end = try bytes.number(at: addresses + 16, size: 8)
    guard end <= UInt64(data.count) else {
      throw HDF5Error(reason: "it was cut short: it has \(data.count) of \(end) bytes")
    }
    let object = try HDF5Object(bytes, at: bytes.number(at: addresses + 40, size: 8), path: "")
    root = try HDF5Group(object)
  }
}
