import Foundation

/// A checkpoint of PyTorch before 1.6: five pickles, and the numbers of each storage behind its length.
final class TorchLegacyFile: TorchStorageSource {
  private let descriptor: Int32
  /// Where the numbers of each storage begin.
  private var places: [String: Int] = [:]

  /// The lowest 64 bits of the number that such files begin with.
  private static let magic: UInt64 = 0xa86a_20f9_469c_fc6c
  private static let version = 1001

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  static func open(
    _ path: String, size: Int
  ) throws(PyTorchFileError) -> (pickle: Pickle, source: any TorchStorageSource) {
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw .notACheckpoint(reason: String(cString: strerror(errno))) }
    let file = TorchLegacyFile(descriptor: descriptor)
    // The pickles stand first.
    let start = try file.read(at: 0, count: min(size, Pickle.maximumBytes))
    let result = start.withUnsafeBytes { raw in
      Result { () throws(PyTorchFileError) in try file.readPickles(raw, size: size) }
    }
    return (try result.get(), file)
  }

  private func readPickles(_ bytes: UnsafeRawBufferPointer, size: Int) throws(PyTorchFileError) -> Pickle {
    guard bytes.count >= 2, bytes[0] == 0x80 else {
      if bytes.count > 262, bytes[257..<262].elementsEqual("ustar".utf8) {
        throw .notACheckpoint(reason: "it is a tar archive, which must be unpacked first (.pth.tar files are none)")
      }
      throw .notACheckpoint(reason: "it is neither a zip archive nor a pickle")
    }
    var place = 0
    func next() throws(PyTorchFileError) -> Pickle {
      let pickle = try PickleReader.read(bytes, from: place)
      place += pickle.byteCount
      return pickle
    }
    guard try next().root == .bigInteger(TorchLegacyFile.magic) else {
      throw .notACheckpoint(reason: "it is a pickle that torch.save has not written")
    }
    guard try next().root == .integer(TorchLegacyFile.version) else {
      throw .notACheckpoint(reason: "it has an unknown version")
    }
    let sizes = try next()
    let isLittle = (sizes.entries(sizes.root) ?? []).contains {
      $0.key == .string("little_endian") && $0.value == .boolean(true)
    }
    guard isLittle else { throw .notACheckpoint(reason: "its numbers are not little-endian") }
    let pickle = try next()
    let keys = try next()
    try findStorages(keys, of: pickle, from: place, size: size)
    return pickle
  }

  /// The storages stand in the order of the keys, each behind its count.
  private func findStorages(
    _ keys: Pickle, of pickle: Pickle, from start: Int, size: Int
  ) throws(PyTorchFileError) {
    var known: [String: TorchStorage] = [:]
    for storage in pickle.storages { known[storage.key] = storage }
    var place = start
    for key in keys.members(keys.root) ?? [] {
      guard case .string(let key) = key, let storage = known[key] else {
        throw .notACheckpoint(reason: "it has a block of numbers that no tensor belongs to")
      }
      let count = try read(at: place, count: 8).withUnsafeBytes {
        Int64(littleEndian: $0.loadUnaligned(as: Int64.self))
      }
      guard count == storage.count, storage.byteCount <= size - place - 8 else {
        throw .notACheckpoint(reason: "the block of numbers '\(key.prefix(40))' does not fit into the file")
      }
      places[key] = place + 8
      place += 8 + storage.byteCount
    }
  }

  func read(_ storage: TorchStorage) throws(PyTorchFileError) -> Data {
    guard let place = places[storage.key] else {
      throw .member(name: storage.key, reason: "the block of numbers is not in the file")
    }
    return try read(at: place, count: storage.byteCount)
  }

  private func read(at offset: Int, count: Int) throws(PyTorchFileError) -> Data {
    var data = Data(count: count)
    let done = data.withUnsafeMutableBytes { target in
      var done = 0
      while done < count {
        let found = pread(descriptor, target.baseAddress! + done, count - done, off_t(offset + done))
        if found < 0, errno == EINTR { continue }
        if found <= 0 { break }
        done += found
      }
      return done
    }
    guard done == count else { throw .notACheckpoint(reason: "it was cut short") }
    return data
  }
}
