import Foundation
import Tensors

extension SafeTensorsFile {
  /// Writes a safetensors file atomically, tensors as float32 in the given order. Adds the checksums to the metadata.
  ///
  /// The same arguments give the same bytes.
  /// - Throws: `ModelFileError.diskFull` or `.cannotWrite`; what stood at `path` is then intact.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], to path: String
  ) throws(ModelFileError) {
    var checksum = XXHash64()
    for (_, tensor) in tensors { checksum.update(UnsafeRawBufferPointer(tensor.buffer)) }
    var metadata = metadata
    metadata[dataChecksumKey] = checksum.hexDigest
    let header = headerBytes(tensors, metadata: metadata)
    try AtomicFile.write(to: path) { (file: inout AtomicFile) throws(ModelFileError) in
      try file.append(header)
      for (_, tensor) in tensors { try file.append(UnsafeRawBufferPointer(tensor.buffer)) }
    }
  }

  /// Length, JSON with the checksum filled in, padding to a multiple of 8 bytes.
  private static func headerBytes(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String]
  ) -> Data {
    var members = metadata.filter { $0.key != headerChecksumKey }.sorted { $0.key < $1.key }.map {
      "\(quoted($0.key)):\(quoted($0.value))"
    }
    // First, so that the reader finds this one and no text that looks like it.
    members.insert("\"\(headerChecksumKey)\":\"\(blankChecksum)\"", at: 0)
    var parts = ["\"__metadata__\":{\(members.joined(separator: ","))}"]
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + tensor.count * 4
      let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
      parts.append("\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var json = Data("{\(parts.joined(separator: ","))}".utf8)
    json.append(Data(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    var hash = XXHash64()
    length.withUnsafeBytes { hash.update($0) }
    json.withUnsafeBytes { hash.update($0) }
    if let place = json.range(of: Data(blankChecksum.utf8)) {
      json.replaceSubrange(place, with: Data(hash.hexDigest.utf8))
    }
    return length + json
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
