import Foundation
import Images
import Networks
import Tensors

/// A `.keras` file opened for reading: a zip archive of `metadata.json`, `config.json` and `model.weights.h5`.
struct KerasFile {
  let path: String
  let metadata: KerasMetadata
  let model: KerasNetwork
  private let archive: ZipArchive

  static let metadataName = "metadata.json"
  static let configName = "config.json"
  static let weightsName = "model.weights.h5"
  /// A hundred times what large networks take.
  private static let maximumTextBytes = 8 << 20

  /// - Throws: `ModelFileError`. The numbers are not looked at.
  init(path: String, options: ImportOptions) throws(ModelFileError) {
    self.path = path
    try KerasFile.requireRegularFile(path)
    do throws(ZipError) {
      archive = try ZipArchive(path: path)
    } catch {
      throw .keras(path: path, .notAnArchive(reason: error.reason))
    }
    let metadata = try KerasFile.member(KerasFile.metadataName, of: archive, path: path)
    do {
      self.metadata = try JSONDecoder().decode(KerasMetadata.self, from: metadata)
    } catch {
      throw .keras(path: path, .member(name: KerasFile.metadataName, reason: "it is not what Keras writes"))
    }
    let config = try KerasFile.member(KerasFile.configName, of: archive, path: path)
    let size = options.size
    do {
      model = try KerasNetworkReader.read(KerasModelConfig(json: config), size: size)
    } catch let error as KerasFileError {
      throw .keras(path: path, error)
    } catch ModelFileError.sizeFixed(_, let own, let wanted) {
      throw .sizeFixed(model: path, size: own, wanted: wanted)
    } catch {
      throw .network(path: path, reason: "\(error)")
    }
  }

  /// The numbers of the network.
  ///
  /// - Throws: `ModelFileError`.
  func parameters() throws(ModelFileError) -> ParameterSet {
    do throws(NetworkError) {
      try ParameterSet.requireMemory(for: model.network)
    } catch {
      throw .network(path: path, reason: "\(error)")
    }
    let bytes = try KerasFile.member(
      KerasFile.weightsName, of: archive, path: path, limit: KerasWeights.maximumBytes(for: model.network))
    let tensors = try KerasWeights.read(bytes, of: model, path: path)
    for (name, tensor) in tensors where !tensor.buffer.allSatisfy(\.isFinite) {
      throw .keras(path: path, .weights(reason: "\(name) has numbers that are not finite: its training went wrong"))
    }
    return ParameterSet(network: model.network) { name, spec in
      if let tensor = tensors[name] { return tensor }
      let tensor = Tensor(spec.shape)
      spec.initializer.fill(tensor, fanIn: spec.fanIn, fanOut: spec.fanOut, key: RandomKey(seed: 1))
      return tensor
    }
  }

  /// What the file says beside the network, and a person in its place.
  ///
  /// - Throws: `ModelFileError.classCount` when there are more or fewer labels than classes.
  func description(_ options: ImportOptions) throws(ModelFileError) -> KerasMetadata.Workbench {
    let network = model.network
    let shape = network.inputShape
    let stored = metadata.workbench
    let own = stored?.preprocessing
    let fits = own.map { $0.height == shape[0] && $0.width == shape[1] } ?? false
    let preprocessing = options.applied(
      to: own.flatMap { fits ? $0 : nil } ?? .tensorflow(height: shape[0], width: shape[1]))
    do {
      try preprocessing.validate()
    } catch {
      throw .preprocessing(model: path, reason: "\(error)")
    }
    var provenance = stored?.provenance ?? [:]
    if stored == nil {
      let file = URL(fileURLWithPath: path).lastPathComponent
      provenance["imported from"] = "\(file) (Keras \(metadata.kerasVersion ?? "of an unknown version"))"
    }
    if !model.leftOut.isEmpty {
      provenance["left out, as it acts in training only"] = model.leftOut.joined(separator: ", ")
    }
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let classes = options.labels ?? stored?.classes ?? Model.numbers(count: network.classCount)
    try Model.check(classes: classes, of: network, model: path)
    return KerasMetadata.Workbench(
      name: options.name ?? stored?.name ?? name, classes: classes,
      hasClassNames: options.labels != nil || stored?.hasClassNames == true, preprocessing: preprocessing,
      provenance: provenance)
  }

  /// libzip's messages about a file that is not there fit a damaged one.
  private static func requireRegularFile(_ path: String) throws(ModelFileError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .cannotRead(path: path, reason: "it is not a regular file") }
    guard access(path, R_OK) == 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
  }

  private static func member(
    _ name: String, of archive: ZipArchive, path: String, limit: Int = maximumTextBytes
  ) throws(ModelFileError) -> Data {
    let bytes: Data?
    do throws(ZipError) {
      bytes = try archive.read(name, limit: limit)
    } catch {
      throw .keras(path: path, .member(name: name, reason: error.reason))
    }
    guard let bytes else { throw .keras(path: path, .missingMember(name: name)) }
    return bytes
  }
}
