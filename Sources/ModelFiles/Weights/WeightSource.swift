import Foundation
import Tensors

/// A file of named tensors that is no model of workbench: what there is, and the numbers when asked for.
protocol WeightSource {
  var path: String { get }
  /// In the file's order.
  var shapes: [(name: String, shape: Shape)] { get }
  /// One tensor as float32.
  ///
  /// - Throws: `ModelFileError`.
  func tensor(_ name: String) throws(ModelFileError) -> Tensor
}

extension SafeTensorsFile: WeightSource {
  var shapes: [(name: String, shape: Shape)] { header.entries.map { ($0.name, $0.shape) } }
}

extension PyTorchFile: WeightSource {
  package var shapes: [(name: String, shape: Shape)] { tensors.map { ($0.name, Shape($0.tensor.shape)) } }
}

/// The two formats of such files.
enum WeightFile {
  /// By its first bytes, or, where these say nothing, by its name.
  ///
  /// - Parameter key: the table of a PyTorch file that holds the tensors; nil: where it usually is.
  /// - Throws: `ModelFileError`.
  static func open(_ path: String, key: String?) throws(ModelFileError) -> any WeightSource {
    // To open a pipe would be to wait for ever.
    _ = try PyTorchFile.requireFile(path)
    if isPyTorch(path) { return try PyTorchFile(path: path, key: key) }
    if let key { throw .weights(path: path, .keyOfSafeTensors(key)) }
    return try SafeTensorsFile(path: path)
  }

  private static func isPyTorch(_ path: String) -> Bool {
    if ZipArchive.looksLikeOne(path: path) { return true }
    if let handle = FileHandle(forReadingAtPath: path) {
      defer { try? handle.close() }
      // The pickle of the number that old checkpoints begin with.
      if let start = try? handle.read(upToCount: 4), start == Data([0x80, 0x02, 0x8a, 0x0a]) { return true }
    }
    let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
    return ["pth", "pt", "tar", "bin", "ckpt"].contains(ending)
  }
}
