import Foundation

/// One file of `shared/golden`: arrays by name, and the settings that made them.
///
/// Reads safetensors by itself, so that the tests of `ModelFiles` have something to be compared with.
public struct Golden: Sendable {
  public struct Array: Sendable {
    public let shape: [Int]
    public let values: [Float]
  }

  public let arrays: [String: Array]
  /// The settings, each value as JSON text without the quotes of a string.
  public let metadata: [String: String]

  /// An array that the file must have.
  public subscript(name: String) -> Array {
    guard let array = arrays[name] else {
      preconditionFailure("no array '\(name)' among \(arrays.keys.sorted())")
    }
    return array
  }

  public func values(_ name: String) -> [Float] { self[name].values }
  public func shape(_ name: String) -> [Int] { self[name].shape }

  /// The folder `shared`: `WORKBENCH_SHARED`, or beside the package, or one folder higher.
  public static let sharedFolder: URL? = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var candidates = [
      package.appendingPathComponent("../shared"), package.appendingPathComponent("../../shared"),
    ]
    if let path = ProcessInfo.processInfo.environment["WORKBENCH_SHARED"] {
      candidates.insert(URL(fileURLWithPath: path), at: 0)
    }
    return candidates.map(\.standardizedFileURL).first {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("golden/layers").path)
    }
  }()

  /// For `.enabled(if: Golden.isAvailable, Golden.absent)`.
  public static var isAvailable: Bool { sharedFolder != nil }
  public static let absent = "shared/golden is absent"

  /// - Parameter name: a path below `golden` without its extension: `layers/conv5x5`.
  public static func load(_ name: String) throws -> Golden {
    guard let sharedFolder else { throw CocoaError(.fileNoSuchFile) }
    return try Golden(contentsOf: sharedFolder.appendingPathComponent("golden/\(name).safetensors"))
  }

  public init(contentsOf url: URL) throws {
    let data = try Data(contentsOf: url)
    let headerSize = Int(data.integer(at: 0, UInt64.self))
    let header = data.subdata(in: 8..<8 + headerSize)
    guard let entries = try JSONSerialization.jsonObject(with: header) as? [String: [String: Any]] else {
      throw CocoaError(.fileReadCorruptFile)
    }
    var arrays: [String: Array] = [:]
    var metadata: [String: String] = [:]
    for (name, entry) in entries {
      if name == "__metadata__" {
        for (key, value) in entry {
          metadata[key] = (value as? String)?.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        }
        continue
      }
      guard let shape = entry["shape"] as? [Int], let type = entry["dtype"] as? String,
        let offsets = entry["data_offsets"] as? [Int]
      else { throw CocoaError(.fileReadCorruptFile) }
      let start = 8 + headerSize + offsets[0]
      let count = shape.reduce(1, *)
      let values: [Float] =
        switch type {
        case "F32": (0..<count).map { Float(bitPattern: data.integer(at: start + 4 * $0, UInt32.self)) }
        case "F64": (0..<count).map { Float(Double(bitPattern: data.integer(at: start + 8 * $0, UInt64.self))) }
        case "I64": (0..<count).map { Float(data.integer(at: start + 8 * $0, Int64.self)) }
        case "I32": (0..<count).map { Float(data.integer(at: start + 4 * $0, Int32.self)) }
        case "U8": (0..<count).map { Float(data.integer(at: start + $0, UInt8.self)) }
        default: throw CocoaError(.featureUnsupported)
        }
      arrays[name] = Array(shape: shape, values: values)
    }
    self.arrays = arrays
    self.metadata = metadata
  }
}

extension Data {
  fileprivate func integer<T: FixedWidthInteger>(at offset: Int, _ type: T.Type) -> T {
    withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
  }
}
