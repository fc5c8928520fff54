import Foundation
import Tensors

/// The header of a safetensors file, checked: what tensors there are, and where.
///
///     | length, 8 bytes little-endian | JSON of that length, padded with spaces | data ... |
///     {"__metadata__": {"key": "text"}, "fc1.kernel": {"dtype": "F32", "shape": [8112, 500], "data_offsets": [0, 16224000]}}
public struct SafeTensorsHeader: Sendable {
  public struct Entry: Equatable, Sendable {
    public let name: String
    /// `F32`, `I64`, ...
    public let dataType: String
    public let shape: Shape
    /// From the start of the data.
    public let bytes: Range<Int>
  }

  /// In the order of their bytes.
  public let entries: [Entry]
  public let metadata: [String: String]

  /// Longer headers are refused.
  public static let maximumBytes = 100_000_000

  static let bytesOfDataType: [String: Int] = [
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1,
    "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
  ]

  /// - Parameter dataBytes: the size of the data behind the header, which the tensors must fill without gap or overlap.
  /// - Throws: `ModelFileError.damaged`.
  init(json: Data, dataBytes: Int, path: String) throws(ModelFileError) {
    let values: [String: Value]
    do {
      values = try JSONDecoder().decode([String: Value].self, from: json)
    } catch {
      throw .damaged(path: path, reason: "its header is not what safetensors files begin with")
    }
    // Foundation keeps one of two equal keys: fewer keys than were written means that some were equal.
    let keys = values.count + values.values.reduce(0) { $0 + $1.keyCount }
    guard keys == SafeTensorsHeader.countKeys(json) else {
      throw .damaged(path: path, reason: "its header has a name twice")
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for (name, value) in values {
      switch value {
      case .metadata(let texts):
        guard name == "__metadata__" else {
          throw .damaged(path: path, reason: "the tensor '\(name.prefix(80))' has no type, shape and place")
        }
        metadata = texts
      case .tensor(let tensor):
        entries.append(try tensor.entry(name: name, dataBytes: dataBytes, path: path))
      }
    }
    entries.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name) < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
    }
    var end = 0
    for entry in entries {
      guard entry.bytes.lowerBound == end else {
        throw .damaged(
          path: path,
          reason: "the tensor '\(entry.name.prefix(80))' "
            + (entry.bytes.lowerBound < end ? "overlaps the one before it" : "leaves a gap to the one before it"))
      }
      end = entry.bytes.upperBound
    }
    guard end == dataBytes else {
      throw .damaged(path: path, reason: "it has \(dataBytes) bytes of numbers, its header speaks of \(end)")
    }
    self.entries = entries
    self.metadata = metadata
  }

  private enum Value: Decodable {
    case metadata([String: String])
    case tensor(TensorValue)

    init(from decoder: any Decoder) throws {
      if let tensor = try? TensorValue(from: decoder) {
        self = .tensor(tensor)
      } else {
        self = .metadata(try [String: String](from: decoder))
      }
    }

    var keyCount: Int {
      switch self {
      case .metadata(let texts): texts.count
      case .tensor: 3
      }
    }
  }

  private struct TensorValue: Decodable {
    var dtype: String
    var shape: [Int]
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var data_offsets: [Int]

    func entry(name: String, dataBytes: Int, path: String) throws(ModelFileError) -> Entry {
      let label = "the tensor '\(name.prefix(80))'"
      guard let elementBytes = bytesOfDataType[dtype] else {
        throw .damaged(path: path, reason: "\(label) has the unknown data type '\(dtype.prefix(20))'")
      }
      guard data_offsets.count == 2, data_offsets[0] >= 0, data_offsets[0] <= data_offsets[1],
        data_offsets[1] <= dataBytes
      else {
        throw .damaged(path: path, reason: "\(label) lies outside the file, which may have been cut short")
      }
      guard shape.count <= 16, shape.allSatisfy({ $0 >= 0 }) else {
        throw .damaged(path: path, reason: "\(label) has an impossible shape")
      }
      var size = elementBytes
      for extent in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: extent)
        guard !overflow else { throw .damaged(path: path, reason: "\(label) has an impossible shape") }
        size = product
      }
      guard size == data_offsets[1] - data_offsets[0] else {
        throw .damaged(
          path: path,
          reason: "\(label) has \(data_offsets[1] - data_offsets[0]) bytes, but its shape needs \(size)")
      }
      return Entry(name: name, dataType: dtype, shape: Shape(shape), bytes: data_offsets[0]..<data_offsets[1])
    }
  }

  /// The colons outside of strings: one for each key of each object. The JSON is known to be valid.
  private static func countKeys(_ json: Data) -> Int {
    var count = 0
    var inString = false
    var escaped = false
    for byte in json {
      if inString {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
      } else if byte == UInt8(ascii: "\"") {
        inString = true
      } else if byte == UInt8(ascii: ":") {
        count += 1
      }
    }
    return count
  }
}
