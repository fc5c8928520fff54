import Foundation

/// A B-tree of version 1: the nodes of a group's names, or of a dataset's chunks.
struct HDF5Tree {
  enum Kind {
    case group
    /// Chunks of a dataset of this rank.
    case chunks(rank: Int)

    var number: Int { if case .group = self { 0 } else { 1 } }

    /// The size of the key that stands before each child.
    var keyBytes: Int {
      switch self {
      case .group: 8
      case .chunks(let rank): 8 + 8 * (rank + 1)
      }
    }
  }

  struct Leaf {
    /// Of the key in the file.
    let key: Int
    let address: Int
  }

  let file: HDF5Bytes
  let kind: Kind

  /// What the lowest nodes point at, from left to right.
  ///
  /// - Throws: `HDF5Error`, also for a tree that leads in a circle.
  func leaves(from root: UInt64) throws(HDF5Error) -> [Leaf] {
    var result: [Leaf] = []
    var seen: Set<UInt64> = []
    var waiting: [(address: UInt64, level: Int?)] = [(root, nil)]
    while let (address, expected) = waiting.popLast() {
      guard address <= UInt64(file.count), seen.insert(address).inserted else {
        throw HDF5Error(reason: "it is damaged: a tree leads out of it, or in a circle")
      }
      let node = Int(address)
      try file.expect("TREE", at: node)
      let level = try file.integer(at: node + 5, size: 1)
      guard try file.integer(at: node + 4, size: 1) == kind.number, expected == nil || level == expected else {
        throw HDF5Error(reason: "it is damaged: a tree has a wrong node")
      }
      var children: [(address: UInt64, level: Int?)] = []
      for index in 0..<(try file.integer(at: node + 6, size: 2)) {
        let key = node + 24 + index * (kind.keyBytes + 8)
        let child = try file.number(at: key + kind.keyBytes, size: 8)
        if level > 0 {
          children.append((child, level - 1))
        } else {
          guard child <= UInt64(file.count) else { throw HDF5Error(reason: "it is damaged: a tree leads out of it") }
          result.append(Leaf(key: key, address: Int(child)))
        }
      }
      waiting += children.reversed()
    }
    return result
  }
}
