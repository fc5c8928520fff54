import Foundation
import Tensors

/// A safetensors file opened for reading. Its header is checked; its numbers are read when asked for.
///
/// Files that workbench writes carry two checksums in their metadata, one of the header's bytes, verified on opening,
/// and one of the numbers, verified by `readAll`.
public final class SafeTensorsFile {
  public let path: String
  public let header: SafeTensorsHeader
  private let descriptor: Int32
  private let dataStart: Int

  public var metadata: [String: String] { header.metadata }

  static let headerChecksumKey = "header_checksum"
  static let dataChecksumKey = "data_checksum"
  /// Stands in for the header's checksum while it is computed.
  static let blankChecksum = "................"

  /// - Throws: `ModelFileError.cannotRead` or `.damaged`.
  public init(path: String) throws(ModelFileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
    do throws(ModelFileError) {
      (header, dataStart) = try SafeTensorsFile.readHeader(descriptor, path: path)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Hands over every tensor in the file's order, and verifies the checksum of the numbers if there is one.
  ///
  /// - Throws: `ModelFileError.cannotRead`, `.damaged` or `.dataType`.
  public func readAll(_ body: (SafeTensorsHeader.Entry, Tensor) -> Void) throws(ModelFileError) {
    var checksum = XXHash64()
    for entry in header.entries { body(entry, try tensor(entry, checksum: &checksum)) }
    if let recorded = metadata[SafeTensorsFile.dataChecksumKey], recorded != checksum.hexDigest {
      throw .damaged(path: path, reason: "the checksum of its numbers is wrong")
    }
  }

  /// All tensors by name, the checksum verified.
  public func tensors() throws(ModelFileError) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    try readAll { entry, tensor in result[entry.name] = tensor }
    return result
  }

  /// One tensor, as float32, without a look at the checksum.
  ///
  /// - Throws: `ModelFileError.missingParameter`, `.cannotRead` or `.dataType`.
  public func tensor(_ name: String) throws(ModelFileError) -> Tensor {
    guard let entry = header.entries.first(where: { $0.name == name }) else {
      throw .missingParameter(name: name, path: path)
    }
    var checksum = XXHash64()
    return try tensor(entry, checksum: &checksum)
  }

  private func tensor(
    _ entry: SafeTensorsHeader.Entry, checksum: inout XXHash64
  ) throws(ModelFileError) -> Tensor {
    let tensor = Tensor(entry.shape)
    if entry.dataType == "F32" {
      let target = UnsafeMutableRawBufferPointer(tensor.buffer)
      // In pieces that stay in the cache between reading and hashing.
      var done = 0
      while done < target.count {
        let piece = UnsafeMutableRawBufferPointer(rebasing: target[done..<min(done + (1 << 18), target.count)])
        try SafeTensorsFile.read(
          descriptor, at: dataStart + entry.bytes.lowerBound + done, into: piece, path: path)
        checksum.update(UnsafeRawBufferPointer(piece))
        done += piece.count
      }
      return tensor
    }
    let bytes = try SafeTensorsFile.read(
      descriptor, at: dataStart + entry.bytes.lowerBound, count: entry.bytes.count, path: path)
    let isKnown = bytes.withUnsafeBytes { raw in
      checksum.update(raw)
      return convertToFloat(raw, dataType: entry.dataType, into: tensor.buffer)
    }
    guard isKnown else { throw .dataType(tensor: entry.name, found: entry.dataType, path: path) }
    return tensor
  }

  private static func readHeader(
    _ descriptor: Int32, path: String
  ) throws(ModelFileError) -> (header: SafeTensorsHeader, dataStart: Int) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .cannotRead(path: path, reason: "it is not a regular file") }
    let size = Int(status.st_size)
    guard size >= 8 else { throw .damaged(path: path, reason: "it has only \(size) bytes") }
    let lengthBytes = try read(descriptor, at: 0, count: 8, path: path)
    let length = lengthBytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length <= UInt64(SafeTensorsHeader.maximumBytes), Int(length) <= size - 8 else {
      throw .damaged(path: path, reason: "its header would be longer than the file")
    }
    let json = try read(descriptor, at: 8, count: Int(length), path: path)
    let dataStart = 8 + Int(length)
    let header = try SafeTensorsHeader(json: json, dataBytes: size - dataStart, path: path)
    if let recorded = header.metadata[headerChecksumKey],
      checksum(lengthBytes: lengthBytes, json: json, recorded: recorded) != recorded
    {
      throw .damaged(path: path, reason: "the checksum of its header is wrong")
    }
    return (header, dataStart)
  }

  private static func read(
    _ descriptor: Int32, at offset: Int, count: Int, path: String
  ) throws(ModelFileError) -> Data {
    var data = Data(count: count)
    let result = data.withUnsafeMutableBytes { bytes in
      Result { () throws(ModelFileError) in try read(descriptor, at: offset, into: bytes, path: path) }
    }
    try result.get()
    return data
  }

  private static func read(
    _ descriptor: Int32, at offset: Int, into target: UnsafeMutableRawBufferPointer, path: String
  ) throws(ModelFileError) {
    var done = 0
    while done < target.count {
      let count = pread(descriptor, target.baseAddress! + done, target.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
      if count == 0 { throw .damaged(path: path, reason: "it was cut short while it was read") }
      done += count
    }
  }

  /// Of the header's bytes with the recorded checksum blanked out.
  private static func checksum(lengthBytes: Data, json: Data, recorded: String) -> String {
    var json = json
    let pattern = Data("\"\(headerChecksumKey)\":\"\(recorded)\"".utf8)
    if recorded.utf8.count == blankChecksum.utf8.count, let place = json.range(of: pattern) {
      let digits = place.upperBound - 17..<place.upperBound - 1
      json.replaceSubrange(digits, with: Data(blankChecksum.utf8))
    }
    var hash = XXHash64()
    lengthBytes.withUnsafeBytes { hash.update($0) }
    json.withUnsafeBytes { hash.update($0) }
    return hash.hexDigest
  }
}
