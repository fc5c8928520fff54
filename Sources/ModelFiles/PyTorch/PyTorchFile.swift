import Foundation
import Tensors

/// A checkpoint of PyTorch opened for reading: `.pth`, `.pt`, `.pth.tar`, `.bin`. Its pickle is read, but never run; its
/// numbers are read when asked for.
///
/// Since version 1.6 such a file is a zip archive, before that it was five pickles with the numbers behind them:
///
///     <name>/data.pkl  what there is: a pickle          | magic | version | sizes | what there is | keys |
///     <name>/data/0    the numbers of one storage       | count, 8 bytes | numbers | count | numbers | ...
package final class PyTorchFile {
  package let path: String
  /// In the file's order.
  let tensors: [(name: String, tensor: TorchTensor)]
  private let source: any TorchStorageSource
  /// The storage that was read last: tensors may share one.
  private var last: (key: String, data: Data)?

  /// Tables in which checkpoints keep a model's tensors, besides other things.
  static let nestedKeys = ["state_dict", "model", "model_state_dict", "module"]

  /// - Parameter key: the entry of the file that holds the tensors; nil: one of `nestedKeys`, or else the file itself.
  /// - Throws: `ModelFileError.cannotRead` or `.pyTorch`.
  package init(path: String, key: String? = nil) throws(ModelFileError) {
    self.path = path
    let status = try PyTorchFile.requireFile(path)
    do throws(PyTorchFileError) {
      let opened: (pickle: Pickle, source: any TorchStorageSource) =
        ZipArchive.looksLikeOne(path: path)
        ? try TorchArchive.open(path, size: status) : try TorchLegacyFile.open(path, size: status)
      source = opened.source
      tensors = try PyTorchFile.table(opened.pickle, key: key)
    } catch {
      throw .pyTorch(path: path, error)
    }
  }

  /// One tensor as float32.
  ///
  /// - Throws: `ModelFileError.missingParameter`, `.dataType`, `.cannotRead` or `.pyTorch`.
  package func tensor(_ name: String) throws(ModelFileError) -> Tensor {
    guard let tensor = tensors.first(where: { $0.name == name })?.tensor else {
      throw .missingParameter(name: name, path: path)
    }
    let data: Data
    if let last, last.key == tensor.storage.key {
      data = last.data
    } else {
      do throws(PyTorchFileError) {
        data = try source.read(tensor.storage)
      } catch {
        throw .pyTorch(path: path, error)
      }
      last = (tensor.storage.key, data)
    }
    let result = Tensor(Shape(tensor.shape))
    let isKnown = data.withUnsafeBytes { tensor.copy(from: $0, into: result.buffer) }
    guard isKnown else { throw .dataType(tensor: name, found: tensor.storage.dataType.rawValue, path: path) }
    return result
  }

  /// - Returns: the file's size.
  static func requireFile(_ path: String) throws(ModelFileError) -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .cannotRead(path: path, reason: "it is not a regular file") }
    return Int(status.st_size)
  }

  /// The tensors of the file's table, or of the one in it under a key.
  private static func table(
    _ pickle: Pickle, key: String?
  ) throws(PyTorchFileError) -> [(name: String, tensor: TorchTensor)] {
    let entries = pickle.entries(pickle.root) ?? []
    let keys = entries.compactMap { entry in if case .string(let name) = entry.key { name } else { nil } }
    func tensors(
      _ entries: [(key: PickleValue, value: PickleValue)]
    ) throws(PyTorchFileError) -> [(name: String, tensor: TorchTensor)] {
      var result: [(name: String, tensor: TorchTensor)] = []
      var seen: Set<String> = []
      for case (.string(let name), .tensor(let place)) in entries {
        guard seen.insert(name).inserted else { throw .tensor(name: name, reason: "is there twice") }
        result.append((name, pickle.tensors[place]))
      }
      return result
    }
    // The tables first: a checkpoint of a training has single tensors beside them, such as the best accuracy.
    for wanted in key.map({ [$0] }) ?? nestedKeys {
      guard let entry = entries.first(where: { $0.key == .string(wanted) }), let inner = pickle.entries(entry.value)
      else { continue }
      let found = try tensors(inner)
      if !found.isEmpty { return withoutWrapper(found) }
    }
    if key == nil {
      let found = try tensors(entries)
      if !found.isEmpty { return withoutWrapper(found) }
    }
    throw .noTensors(key: key, keys: keys)
  }

  /// Without the `module.` of `DataParallel` and the `_orig_mod.` of `torch.compile`, in either order, once each.
  private static func withoutWrapper(
    _ tensors: [(name: String, tensor: TorchTensor)]
  ) -> [(name: String, tensor: TorchTensor)] {
    var result = tensors
    var wrappers = ["module.", "_orig_mod."]
    if tensors.first?.name.hasPrefix(wrappers[1]) == true { wrappers.reverse() }
    for prefix in wrappers where result.allSatisfy({ $0.name.hasPrefix(prefix) }) {
      result = result.map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }
    }
    return result
  }
}

/// Where the numbers of a checkpoint lie.
protocol TorchStorageSource {
  /// - Returns: exactly the storage's bytes, little-endian.
  /// - Throws: `PyTorchFileError`.
  func read(_ storage: TorchStorage) throws(PyTorchFileError) -> Data
}

extension TorchTensor {
  /// Lays the numbers out rows first, as float32.
  ///
  /// - Returns: false when the data type is not read.
  fileprivate func copy(from bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) -> Bool {
    let size = storage.dataType.byteCount
    if target.isEmpty { return true }
    if isContiguous {
      let part = UnsafeRawBufferPointer(rebasing: bytes[offset * size..<(offset + target.count) * size])
      return convertToFloat(part, dataType: storage.dataType.rawValue, into: target)
    }
    let all = [Float](unsafeUninitializedCapacity: storage.count) { buffer, count in
      let whole = UnsafeMutableBufferPointer(rebasing: buffer[..<storage.count])
      count = convertToFloat(bytes, dataType: storage.dataType.rawValue, into: whole) ? storage.count : 0
    }
    if all.isEmpty { return false }
    var index = [Int](repeating: 0, count: shape.count)
    var place = offset
    for i in target.indices {
      target[i] = all[place]
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= index[axis] * strides[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return true
  }

  private var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() {
      if extent != 1, stride != expected { return false }
      expected *= extent
    }
    return true
  }
}
