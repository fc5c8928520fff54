import Foundation

/// A group of an HDF5 file: the objects in it, by name.
struct HDF5Group {
  private enum Link {
    case object(UInt64)
    /// To another path or file: not followed.
    case elsewhere
  }

  private let object: HDF5Object
  private var links: [String: Link] = [:]

  /// From the root, for messages.
  var path: String { object.path }

  /// The names of all members.
  var names: [String] { Array(links.keys) }

  /// - Throws: `HDF5Error` when the object is no group, or one of a newer form.
  init(_ object: HDF5Object) throws(HDF5Error) {
    self.object = object
    if let table = object.message(17) {
      let tree = HDF5Tree(file: object.file, kind: .group)
      let heap = try HDF5Group.heap(object.file, at: table.number(at: 8, size: 8))
      for node in try tree.leaves(from: table.number(at: 0, size: 8)) { try read(node.address, heap: heap) }
    } else if let information = object.message(2) {
      try readLinks(information)
    } else {
      throw HDF5Error(reason: "'\(object.path)' is no group")
    }
  }

  /// A member that is a group; nil when there is no member of this name.
  func group(_ name: String) throws(HDF5Error) -> HDF5Group? {
    guard let member = try member(name) else { return nil }
    return try HDF5Group(member)
  }

  /// A member that is a dataset; nil when there is no member of this name.
  func dataset(_ name: String) throws(HDF5Error) -> HDF5Dataset? {
    guard let member = try member(name) else { return nil }
    guard member.isDataset else { throw HDF5Error(reason: "'\(member.path)' is no dataset") }
    return try HDF5Dataset(member)
  }

  private func member(_ name: String) throws(HDF5Error) -> HDF5Object? {
    let path = path.isEmpty ? name : self.path + "/" + name
    switch links[name] {
    case nil: return nil
    case .elsewhere?:
      throw HDF5Error(reason: "'\(path)' is a link to another place or file, which is not followed")
    case .object(let address)?: return try HDF5Object(object.file, at: address, path: path)
    }
  }

  /// Where the names lie.
  private static func heap(_ file: HDF5Bytes, at address: UInt64) throws(HDF5Error) -> HDF5Bytes {
    guard address <= UInt64(file.count) else { throw HDF5Error(reason: "it is damaged: a group has no names") }
    try file.expect("HEAP", at: Int(address))
    return HDF5Bytes(
      try file.slice(
        at: file.integer(at: Int(address) + 24, size: 8), count: file.integer(at: Int(address) + 8, size: 8)))
  }

  /// A symbol table node: names and addresses.
  private mutating func read(_ address: Int, heap: HDF5Bytes) throws(HDF5Error) {
    let file = object.file
    try file.expect("SNOD", at: address)
    for index in 0..<(try file.integer(at: address + 6, size: 2)) {
      let entry = address + 8 + 40 * index
      let name = try heap.text(at: file.integer(at: entry, size: 8))
      let isSoft = try file.integer(at: entry + 16, size: 4) == 2
      links[name] = isSoft ? .elsewhere : .object(try file.number(at: entry + 8, size: 8))
    }
  }

  /// The newer form of a group, small enough for its links to be messages.
  private mutating func readLinks(_ information: HDF5Bytes) throws(HDF5Error) {
    let heap = try information.integer(at: 1, size: 1) & 1 == 0 ? 2 : 10
    guard try information.number(at: heap, size: 8) == HDF5Bytes.noAddress else {
      throw HDF5Error(reason: "'\(path)' is written in a newer form of HDF5, which workbench does not read")
    }
    for message in object.messages where message.type == 6 {
      let bytes = message.bytes
      let flags = try bytes.integer(at: 1, size: 1)
      var place = 2
      var type = 0
      if flags & 8 != 0 {
        type = try bytes.integer(at: place, size: 1)
        place += 1
      }
      if flags & 4 != 0 { place += 8 }
      if flags & 16 != 0 { place += 1 }
      let lengthSize = 1 << (flags & 3)
      let length = try bytes.integer(at: place, size: lengthSize)
      place += lengthSize
      let name = String(decoding: try bytes.slice(at: place, count: length), as: UTF8.self)
      links[name] = type == 0 ? .object(try bytes.number(at: place + length, size: 8)) : .elsewhere
    }
  }
}
