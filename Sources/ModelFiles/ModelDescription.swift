import Foundation
import Images
import Networks
import Tensors

/// All of a model file but its numbers: what `describe` prints. Read from the header, so at once for any size.
public struct ModelDescription: Sendable {
  public let formatVersion: Int
  public private(set) var name: String
  public let network: Network
  public private(set) var classes: [String]
  /// False when nobody has named the classes: they are called `0`, `1`, ...
  public private(set) var hasClassNames: Bool
  public private(set) var preprocessing: Preprocessing
  public let provenance: [String: String]
  let verification: [VerificationPair]

  /// The format that this workbench writes.
  public static let currentFormat = 1

  /// Of a `.safetensors` or a `.keras` file.
  ///
  /// - Parameter options: what a person says about the model.
  /// - Throws: `ModelFileError`. The numbers, their checksum and the verification pairs are not looked at.
  public init(path: String, importing options: ImportOptions = ImportOptions()) throws(ModelFileError) {
    if ModelFormat(ofFile: path) == .keras {
      try self.init(file: KerasFile(path: path, options: options), options: options)
    } else {
      try self.init(file: SafeTensorsFile(path: path))
      try apply(options)
    }
  }

  /// Puts what a person says in place of what the file says.
  ///
  /// - Throws: `ModelFileError.sizeFixed`, `.preprocessing`, `.classCount` or `.classNames` when it cannot be.
  mutating func apply(_ options: ImportOptions) throws(ModelFileError) {
    let own = PictureSize(height: preprocessing.height, width: preprocessing.width)
    if let size = options.size, size != own { throw .sizeFixed(model: name, size: own, wanted: size) }
    preprocessing = options.applied(to: preprocessing)
    do {
      try preprocessing.validate()
    } catch {
      throw .preprocessing(model: name, reason: "\(error)")
    }
    if let labels = options.labels {
      try Model.check(classes: labels, of: network, model: name)
      classes = labels
      hasClassNames = true
    }
    name = options.name ?? name
  }

  init(file: KerasFile, options: ImportOptions) throws(ModelFileError) {
    let description = try file.description(options)
    formatVersion = ModelDescription.currentFormat
    name = description.name
    network = file.model.network
    classes = description.classes
    hasClassNames = description.hasClassNames
    preprocessing = description.preprocessing
    provenance = description.provenance
    verification = []
  }

  init(model: Model, verification: [VerificationPair]) {
    formatVersion = ModelDescription.currentFormat
    name = model.name
    network = model.network
    classes = model.classes
    hasClassNames = model.hasClassNames
    preprocessing = model.preprocessing
    provenance = model.provenance
    self.verification = verification
  }

  private enum Key {
    static let format = "workbench_format"
    static let name = "name"
    static let network = "network"
    static let classes = "classes"
    /// `no` when the classes have no names; absent in all other files.
    static let classNames = "class_names"
    /// Absent where no layer comes from a plugin.
    static let plugins = "plugins"
    static let preprocessing = "preprocessing"
    static let provenance = "provenance"
    static let verification = "verification"
  }

  init(file: SafeTensorsFile) throws(ModelFileError) {
    let path = file.path
    guard let format = file.metadata[Key.format] else {
      throw .notAModel(path: path, reason: "its metadata has no '\(Key.format)'")
    }
    guard let version = Int(format), version >= 1 else {
      throw .notAModel(path: path, reason: "its format '\(format.prefix(20))' is not a number")
    }
    guard version <= ModelDescription.currentFormat else {
      throw .newerFormat(path: path, version: version, known: ModelDescription.currentFormat)
    }
    for key in [SafeTensorsFile.headerChecksumKey, SafeTensorsFile.dataChecksumKey, Key.name]
    where file.metadata[key] == nil {
      throw .notAModel(path: path, reason: "its metadata has no '\(key)'")
    }
    formatVersion = version
    name = file.metadata[Key.name] ?? ""
    if file.metadata[Key.plugins] != nil { try ModelDescription.loadPlugins(file) }
    network = try ModelDescription.decode(Network.self, Key.network, file)
    classes = try ModelDescription.decode([String].self, Key.classes, file)
    hasClassNames = file.metadata[Key.classNames] != "no"
    preprocessing = try ModelDescription.decode(Preprocessing.self, Key.preprocessing, file)
    provenance = try ModelDescription.decode([String: String].self, Key.provenance, file)
    verification = try ModelDescription.decode([VerificationPair].self, Key.verification, file)
    guard verification.count <= VerificationPair.maximumCount else {
      throw .notAModel(path: path, reason: "it has \(verification.count) stored inputs")
    }
  }

  /// The layers that the network names must be known before it is built.
  private static func loadPlugins(_ file: SafeTensorsFile) throws(ModelFileError) {
    let requirements = try decode([PluginRequirement].self, Key.plugins, file)
    guard requirements.count <= PluginRequirement.maximumCount else {
      throw .notAModel(path: file.path, reason: "it needs \(requirements.count) plugins")
    }
    for requirement in requirements {
      try requirement.fulfil(for: file.path, network: file.metadata[Key.network] ?? "")
    }
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, _ key: String, _ file: SafeTensorsFile
  ) throws(ModelFileError) -> Value {
    guard let text = file.metadata[key] else {
      throw .notAModel(path: file.path, reason: "its metadata has no '\(key)'")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch let error as DecodingError {
      throw .notAModel(path: file.path, reason: "'\(key)' in its metadata: \(clause(error))")
    } catch {
      if key == Key.network { throw .network(path: file.path, reason: "\(error)") }
      throw .notAModel(path: file.path, reason: "'\(key)' in its metadata: \(error)")
    }
  }

  /// What the file stores beside the tensors.
  var metadata: [String: String] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      func text(_ value: some Encodable) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self)
      }
      var result = [
        Key.format: String(formatVersion), Key.name: name, Key.network: try text(network),
        Key.classes: try text(classes), Key.preprocessing: try text(preprocessing),
        Key.provenance: try text(provenance), Key.verification: try text(verification),
      ]
      let plugins = network.origins.map { PluginRequirement($0) }
      if !plugins.isEmpty { result[Key.plugins] = try text(plugins) }
      if !hasClassNames { result[Key.classNames] = "no" }
      return result
    }
  }
}

/// A decoding error in few words.
private func clause(_ error: DecodingError) -> String {
  switch error {
  case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has the wrong type"
  case .dataCorrupted(let context): context.debugDescription
  @unknown default: "it cannot be decoded"
  }
}
