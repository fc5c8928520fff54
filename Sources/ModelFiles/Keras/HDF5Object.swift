import Foundation

/// An object of an HDF5 file, a group or a dataset: its messages.
struct HDF5Object {
  struct Message {
    /// 1 dataspace, 3 datatype, 6 link, 8 layout, 11 filters, 17 symbol table, ...
    let type: Int
    let bytes: HDF5Bytes
  }

  let file: HDF5Bytes
  /// From the root, for messages; empty for the root.
  let path: String
  let messages: [Message]

  private static let maximumMessages = 10_000

  /// - Throws: `HDF5Error` when there is no object header of version 1.
  init(_ file: HDF5Bytes, at address: UInt64, path: String) throws(HDF5Error) {
    self.file = file
    self.path = path
    guard address <= UInt64(file.count) else {
      throw HDF5Error(reason: "it is damaged: '\(path)' lies behind its end")
    }
    let start = Int(address)
    guard try file.integer(at: start, size: 1) == 1 else {
      throw HDF5Error(reason: "'\(path)' is damaged, or written in a newer form of HDF5, which workbench does not read")
    }
    var messages: [Message] = []
    var blocks = [(start: start + 16, size: try file.integer(at: start + 8, size: 4))]
    while let block = blocks.popLast() {
      var place = block.start
      let end = place + block.size
      while place + 8 <= end {
        let type = try file.integer(at: place, size: 2)
        let size = try file.integer(at: place + 2, size: 2)
        guard size <= end - place - 8, messages.count < HDF5Object.maximumMessages else {
          throw HDF5Error(reason: "'\(path)' is damaged")
        }
        let isShared = try file.integer(at: place + 4, size: 1) & 2 != 0
        if isShared, [1, 3, 8, 11].contains(type) {
          throw HDF5Error(reason: "'\(path)' shares its description with others, which workbench does not read")
        }
        if type == 16, size >= 16 {
          blocks.append((try file.integer(at: place + 8, size: 8), try file.integer(at: place + 16, size: 8)))
          // A block that leads to itself would go on for ever.
          guard blocks.count + messages.count < HDF5Object.maximumMessages else {
            throw HDF5Error(reason: "'\(path)' is damaged")
          }
        }
        messages.append(Message(type: type, bytes: HDF5Bytes(try file.slice(at: place + 8, count: size))))
        place += 8 + size
      }
    }
    self.messages = messages
  }

  func message(_ type: Int) -> HDF5Bytes? { messages.first { $0.type == type }?.bytes }

  /// Whether it has a shape and a type of numbers.
  var isDataset: Bool { message(1) != nil && message(3) != nil }
}
