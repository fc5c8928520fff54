import CHDF5Reader
import Foundation
import Tensors

/// An HDF5 file that lies in memory, read by the HDF5 library in a child process: the library breaks on some files that
/// were made to harm, and then only the child ends.
///
/// Only ordinary links are followed: a file cannot lead to another one.
struct HDF5File {
  enum Object: Equatable {
    case group
    /// A dataset of floating point numbers.
    case numbers(Shape)
    /// Something that this program has no use for.
    case other
    /// A link to another place or file, which is not followed.
    case link
  }

  private let data: Data
  private let objects: [String: Object]
  private let members: [String: [String]]

  /// Lists what the file holds; reads no numbers.
  ///
  /// - Throws: `HDF5Error` when the bytes are no HDF5 file, or a damaged one.
  init(_ data: Data) throws(HDF5Error) {
    var objects: [String: Object] = [:]
    var members: [String: [String]] = [:]
    let child = try HDF5Child(listing: data)
    defer { child.end() }
    while let frame = try child.next() {
      let parent = frame.text.lastIndex(of: "/").map { String(frame.text[..<$0]) } ?? ""
      members[parent, default: []].append(String(frame.text.dropFirst(parent.isEmpty ? 0 : parent.count + 1)))
      objects[frame.text] =
        switch frame.kind {
        case .group: .group
        case .numbers: .numbers(try HDF5File.shape(frame))
        case .link: .link
        default: .other
        }
    }
    self.data = data
    self.objects = objects
    self.members = members
  }

  /// What lies at a path from the root, such as `layers/conv2d/vars/0`; nil for nothing.
  subscript(path: String) -> Object? { objects[path] }

  /// The names in a group, in the order of bytes; none for no group.
  func members(of group: String) -> [String] { members[group] ?? [] }

  /// The numbers of datasets as float32, each in the shape that is wanted of it.
  ///
  /// - Parameter wanted: paths of `.numbers`, with shapes of as many elements; together they should fit into memory.
  /// - Throws: `HDF5Error`, also for numbers that lie in another file.
  func read(_ wanted: [(path: String, shape: Shape)]) throws(HDF5Error) -> [Tensor] {
    if wanted.isEmpty { return [] }
    let child = try HDF5Child(reading: wanted.map { ($0.path, $0.shape.count) }, of: data)
    defer { child.end() }
    var tensors: [Tensor] = []
    for (path, shape) in wanted {
      guard let frame = try child.next(), frame.kind == .numbers, frame.text == path,
        try HDF5File.shape(frame).count == shape.count
      else { throw HDF5Error(reason: "'\(path)' is not what was announced") }
      let tensor = Tensor(shape)
      try child.read(into: UnsafeMutableRawBufferPointer(tensor.buffer))
      tensors.append(tensor)
    }
    return tensors
  }

  private static func shape(_ frame: HDF5Child.Frame) throws(HDF5Error) -> Shape {
    var count = 1
    for extent in frame.extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow, product < 1 << 59 else {
        throw HDF5Error(reason: "'\(frame.text)' has an impossible shape")
      }
      count = product
    }
    return Shape(frame.extents)
  }
}
