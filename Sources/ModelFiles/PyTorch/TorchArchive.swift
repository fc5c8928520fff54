import Foundation

/// A checkpoint of PyTorch 1.6 or later: a zip archive with `<name>/data.pkl` and `<name>/data/<key>`.
struct TorchArchive: TorchStorageSource {
  private let archive: ZipArchive
  private let folder: String
  private let fileSize: Int

  static func open(
    _ path: String, size: Int
  ) throws(PyTorchFileError) -> (pickle: Pickle, source: any TorchStorageSource) {
    let archive: ZipArchive
    do throws(ZipError) {
      archive = try ZipArchive(path: path)
    } catch {
      throw .notACheckpoint(reason: error.reason)
    }
    let names = archive.names
    let suffix = "/data.pkl"
    guard let name = names.first(where: { $0.hasSuffix(suffix) && $0.filter { $0 == "/" }.count == 1 }) else {
      throw .notACheckpoint(reason: "the archive has no 'data.pkl'")
    }
    let folder = String(name.dropLast(suffix.count))
    if names.contains("\(folder)/constants.pkl") {
      throw .notACheckpoint(reason: "it is a TorchScript program; save the model's state_dict instead")
    }
    let source = TorchArchive(archive: archive, folder: folder, fileSize: size)
    if names.contains("\(folder)/byteorder") {
      let order = try source.member("byteorder", limit: 16)
      guard order == Data("little".utf8) else { throw .notACheckpoint(reason: "its numbers are not little-endian") }
    }
    let bytes = try source.member("data.pkl", limit: Pickle.maximumBytes)
    let result = bytes.withUnsafeBytes { raw in
      Result { () throws(PyTorchFileError) in try PickleReader.read(raw) }
    }
    return (try result.get(), source)
  }

  func read(_ storage: TorchStorage) throws(PyTorchFileError) -> Data {
    // PyTorch does not compress: what is larger than the file is wrong, or is meant to fill the memory.
    guard storage.byteCount <= fileSize else {
      throw .member(name: "data/\(storage.key)", reason: "\(storage.byteCount) bytes would not fit into the file")
    }
    let data = try member("data/\(storage.key)", limit: storage.byteCount)
    guard data.count == storage.byteCount else {
      throw .member(
        name: "data/\(storage.key)", reason: "it has \(data.count) bytes, but the pickle speaks of \(storage.byteCount)"
      )
    }
    return data
  }

  private func member(_ name: String, limit: Int) throws(PyTorchFileError) -> Data {
    do throws(ZipError) {
      if let data = try archive.read("\(folder)/\(name)", limit: limit) { return data }
    } catch {
      throw .member(name: name, reason: error.reason)
    }
    throw .member(name: name, reason: "it is not there")
  }
}
