import CHDF5
import Foundation
import Images
import Layers
import ModelFiles
import Networks
import Schemas
import TestSupport
import Tensors

/// Small models, and `.keras` files made of what workbench writes, with changes.
struct KerasSample {
  let folder: TemporaryFolder
  let pool = WorkerPool.shared(workerCount: 1)

  init() throws { folder = try TemporaryFolder() }

  /// A convolution, a mean and a fully connected layer: four arrays.
  func model(classes: [String]? = nil) throws -> Model {
    var builder = NetworkBuilder()
    var node = try builder.input([6, 6, 3], name: "input")
    let layers: [(String, String, [String: OptionValue])] = [
      ("conv", "conv2d", ["filters": .integer(2), "kernel": .integer(3)]), ("gap", "global_average_pool", [:]),
      ("dense", "linear", ["units": .integer(2)]),
    ]
    for (name, type, options) in layers {
      node = try builder.add(LayerRegistry.layer(named: type, options: options), name: name, inputs: [node])
    }
    return try KerasSample.model(builder.network(output: node), classes: classes)
  }

  /// A model of a network, with numbers drawn at random.
  static func model(_ network: Network, classes: [String]? = nil) throws -> Model {
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    for (index, entry) in parameters.entries.enumerated() {
      let values = randomValues(entry.tensor.count, seed: index)
      for i in values.indices { entry.tensor[i] = entry.spec.isTrainable ? values[i] : 1 + values[i] * values[i] }
    }
    let shape = network.inputShape
    return try Model(
      name: "sample", network: network, parameters: parameters,
      classes: classes ?? Model.numbers(count: network.classCount),
      preprocessing: .tensorflow(height: shape[0], width: shape[1]), hasClassNames: classes != nil)
  }

  /// The archive of the small model.
  func archive() throws -> ZipFile {
    let path = folder.file("\(UUID().uuidString).keras")
    try model().save(to: path, pool: pool)
    return ZipFile(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// The archive with a changed `config.json`.
  func archive(config change: (inout [String: Any]) throws -> Void) throws -> ZipFile {
    var archive = try archive()
    var config = try Self.object(archive["config.json"])
    try change(&config)
    archive["config.json"] = try JSONSerialization.data(withJSONObject: config)
    return archive
  }

  /// The archive with a changed layer.
  func archive(layer name: String, change: (inout [String: Any]) throws -> Void) throws -> ZipFile {
    try archive { config in try Self.change(layer: name, of: &config, change) }
  }

  /// The archive with a changed option of a layer.
  func archive(layer name: String, option: String, _ value: Any) throws -> ZipFile {
    try archive(layer: name) { layer in
      var options = layer["config"] as? [String: Any] ?? [:]
      options[option] = value
      layer["config"] = options
    }
  }

  func write(_ archive: ZipFile) throws -> String { try folder.write(archive.data, "\(UUID().uuidString).keras") }

  /// The error of loading, or nil.
  func failure(_ archive: ZipFile, importing options: ImportOptions = ImportOptions()) throws -> ModelFileError? {
    // One name, so that thousands of tries leave one file.
    let path = try folder.write(archive.data, "tried.keras")
    do throws(ModelFileError) {
      _ = try Model.load(from: path, importing: options, pool: pool)
      return nil
    } catch {
      return error
    }
  }

  /// The sentence of the error, without the file's name.
  func sentence(_ archive: ZipFile) throws -> String {
    guard let error = try failure(archive) else { return "loaded" }
    let parts = "\(error)".components(separatedBy: ".keras: ")
    return parts.count > 1 ? parts.dropFirst().joined(separator: ".keras: ") : "\(error)"
  }

  private static func object(_ data: Data) throws -> [String: Any] {
    guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw CocoaError(.fileReadCorruptFile)
    }
    return object
  }

  private static func change(
    layer name: String, of document: inout [String: Any], _ change: (inout [String: Any]) throws -> Void
  ) throws {
    var config = document["config"] as? [String: Any] ?? [:]
    var layers = config["layers"] as? [[String: Any]] ?? []
    guard let index = layers.firstIndex(where: { $0["name"] as? String == name }) else {
      throw CocoaError(.fileReadCorruptFile)
    }
    try change(&layers[index])
    config["layers"] = layers
    document["config"] = config
  }
}

/// Makes an HDF5 file through the library itself.
struct HDF5Maker {
  let folder: TemporaryFolder
  private let path: String

  init(_ folder: TemporaryFolder) {
    self.folder = folder
    path = folder.file("\(UUID().uuidString).h5")
  }

  /// Calls `body` with the open file, in which the groups exist, and returns the bytes.
  func bytes(groups: [String], _ body: (hid_t) throws(HDF5Error) -> Void) throws -> Data {
    try HDF5Library.use { () throws(HDF5Error) in
      let file = workbench_h5_create(path, workbench_h5_default())
      guard file >= 0 else { throw HDF5Error(reason: "no file") }
      defer { H5Fclose(file) }
      let automatic = workbench_h5_default()
      for group in groups { H5Gclose(H5Gcreate2(file, group, automatic, automatic, automatic)) }
      try body(file)
    }
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// Writes an array.
  ///
  /// - Parameters:
  ///   - type: of the numbers in the file; nil: float32.
  ///   - configure: sets chunks, filters, ...
  static func write(
    _ values: [Float], _ shape: [Int], to name: String, in file: hid_t, type: hid_t? = nil,
    configure: (hid_t) -> Void = { _ in }
  ) throws(HDF5Error) {
    let automatic = workbench_h5_default()
    let space = H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil)
    let properties = H5Pcreate(workbench_h5_dataset_creation_class())
    configure(properties)
    let dataset = H5Dcreate2(file, name, type ?? workbench_h5_float32(), space, automatic, properties, automatic)
    defer {
      H5Dclose(dataset)
      H5Pclose(properties)
      H5Sclose(space)
    }
    guard dataset >= 0 else { throw HDF5Error(reason: "\(name) cannot be made") }
    if values.isEmpty { return }
    let all = workbench_h5_whole_space()
    guard H5Dwrite(dataset, workbench_h5_native_float(), all, all, automatic, values) >= 0 else {
      throw HDF5Error(reason: "\(name) cannot be written")
    }
  }

  /// IEEE 754 binary16, which HDF5 1.10 has no name for.
  static func half() -> hid_t {
    let type = H5Tcopy(workbench_h5_float32())
    H5Tset_fields(type, 15, 10, 5, 0, 10)
    H5Tset_size(type, 2)
    H5Tset_ebias(type, 15)
    return type
  }
}
