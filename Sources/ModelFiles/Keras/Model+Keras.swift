import Foundation
import Networks
import Tensors

extension Model {
  /// Reads a `.keras` file of Keras 2.13 or 3, or one that `saveKeras` has written.
  ///
  /// - Throws: `ModelFileError`.
  static func readKeras(_ path: String, options: ImportOptions) throws(ModelFileError) -> Model {
    let file = try KerasFile(path: path, options: options)
    let description = try file.description(options)
    return try Model(
      name: description.name, network: file.model.network, parameters: file.parameters(),
      classes: description.classes, preprocessing: description.preprocessing,
      hasClassNames: description.hasClassNames, provenance: description.provenance)
  }

  /// Writes the model as one `.keras` file that Keras 2.13 and Keras 3 read, atomically. The same model gives the same
  /// bytes.
  ///
  /// - Throws: `ModelFileError`; `.keras` with `.notWritable` for a layer that Keras has no counterpart of, `.notFinite`
  ///   when a parameter is not.
  public func saveKeras(to path: String) throws(ModelFileError) {
    for entry in parameters.entries where !entry.tensor.buffer.allSatisfy(\.isFinite) {
      throw .notFinite(model: path, what: entry.name)
    }
    let config: KerasValue
    do throws(KerasFileError) {
      config = try KerasConfigWriter.config(network)
    } catch {
      throw .keras(path: path, error)
    }
    let archive: Data
    do {
      let metadata = KerasMetadata(
        kerasVersion: KerasMetadata.writtenVersion,
        workbench: .init(
          name: name, classes: classes, hasClassNames: hasClassNames, preprocessing: preprocessing,
          provenance: provenance))
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      archive = try ZipWriter.archive([
        (KerasFile.metadataName, encoder.encode(metadata)),
        (KerasFile.configName, encoder.encode(config)),
        (KerasFile.weightsName, KerasWeightsWriter.bytes(network: network, parameters: parameters)),
      ])
    } catch {
      throw .cannotWrite(
        path: path, reason: (error as? HDF5Error)?.reason ?? (error as? ZipError)?.reason ?? "\(error)")
    }
    try AtomicFile.write(archive, to: path)
  }
}
