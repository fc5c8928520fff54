import CHDF5
import Foundation

/// An HDF5 file that lies in memory, open for reading. To be used inside of `HDF5Library.use`.
///
/// Only ordinary links are followed: a file cannot lead to another one.
struct HDF5File {
  let root: HDF5Group
  let bytes: Data
  private let file: HDF5Handle

  /// - Throws: `HDF5Error` when the bytes are no HDF5 file.
  init(_ bytes: Data) throws(HDF5Error) {
    let properties = try HDF5Handle(H5Pcreate(workbench_h5_file_access_class()), orElse: "no memory") { H5Pclose($0) }
    // In memory only; the library gets a copy of the bytes, and writes nothing back.
    guard workbench_h5_stay_in_memory(properties.id, 1 << 16) >= 0 else { throw HDF5Error(reason: "no memory") }
    var copy = bytes
    let isSet = copy.withUnsafeMutableBytes { H5Pset_file_image(properties.id, $0.baseAddress, $0.count) >= 0 }
    guard isSet else { throw HDF5Error(reason: "there is no memory for its \(bytes.count) bytes") }
    file = try HDF5Handle(
      workbench_h5_open_for_reading("weights", properties.id), orElse: "it is no HDF5 file, or a damaged one"
    ) { H5Fclose($0) }
    root = try HDF5Group(
      handle: HDF5Handle(H5Gopen2(file.id, "/", workbench_h5_default()), orElse: "it has no root") { H5Gclose($0) },
      path: "")
    self.bytes = bytes
  }
}

/// A group of an HDF5 file.
struct HDF5Group {
  let handle: HDF5Handle
  /// From the root, for messages; empty for the root.
  let path: String

  /// A group with more members is refused.
  static let maximumMembers = 1 << 20

  init(handle: HDF5Handle, path: String) {
    self.handle = handle
    self.path = path
  }

  /// The names of all members, in the order of bytes.
  func names() throws(HDF5Error) -> [String] {
    let count = workbench_h5_link_count(handle.id)
    guard count >= 0, count <= Int64(HDF5Group.maximumMembers) else {
      throw HDF5Error(reason: "the group '\(path)' cannot be read")
    }
    var names: [String] = []
    var buffer = [CChar](repeating: 0, count: 1024)
    for index in 0..<UInt64(count) {
      let length = workbench_h5_link_name(handle.id, index, &buffer, buffer.count)
      guard length > 0, length < Int64(buffer.count) else {
        throw HDF5Error(reason: "the group '\(path)' has a member without a usable name")
      }
      names.append(String(decoding: buffer[..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    return names
  }

  /// A member that is a group; nil when there is no member of this name.
  func group(_ name: String) throws(HDF5Error) -> HDF5Group? {
    guard let object = try member(name) else { return nil }
    guard H5Iget_type(object.id) == H5I_GROUP else {
      throw HDF5Error(reason: "'\(childPath(name))' is no group")
    }
    return HDF5Group(handle: object, path: childPath(name))
  }

  /// A member that is a dataset; nil when there is no member of this name.
  func dataset(_ name: String) throws(HDF5Error) -> HDF5Dataset? {
    guard let object = try member(name) else { return nil }
    guard H5Iget_type(object.id) == H5I_DATASET else {
      throw HDF5Error(reason: "'\(childPath(name))' is no dataset")
    }
    return try HDF5Dataset(handle: object, path: childPath(name))
  }

  private func childPath(_ name: String) -> String { path.isEmpty ? name : path + "/" + name }

  private func member(_ name: String) throws(HDF5Error) -> HDF5Handle? {
    let exists = H5Lexists(handle.id, name, workbench_h5_default())
    guard exists >= 0 else { throw HDF5Error(reason: "the group '\(path)' cannot be read") }
    if exists == 0 { return nil }
    guard workbench_h5_link_is_hard(handle.id, name) == 1 else {
      throw HDF5Error(reason: "'\(childPath(name))' is a link to another place or file, which is not followed")
    }
    return try HDF5Handle(
      H5Oopen(handle.id, name, workbench_h5_default()), orElse: "'\(childPath(name))' cannot be read"
    ) { H5Oclose($0) }
  }
}
