import Foundation
import Images
import Networks
import Schemas
import Tensors

extension Model {
  /// Writes the model as one file in the format of the name's extension (`ModelFormat`), atomically. The same model gives
  /// the same bytes.
  ///
  /// - Parameter pool: computes the verification pairs; nil for one of its own.
  /// - Throws: `ModelFileError`; `.notFinite` when a parameter or a logit is not.
  public func save(to path: String, pool: WorkerPool? = nil) throws(ModelFileError) {
    if ModelFormat(ofName: path) == .keras { return try saveKeras(to: path) }
    for entry in parameters.entries where !isFinite(entry.tensor) {
      throw .notFinite(model: path, what: entry.name)
    }
    let metadata: [String: String]
    do {
      let pairs = try VerificationPair.compute(
        network: network, parameters: parameters, range: preprocessing.range, seeds: VerificationPair.seeds,
        pool: pool ?? WorkerPool())
      if !pairs.allSatisfy({ $0.logits.allSatisfy(\.isFinite) }) {
        throw ModelFileError.notFinite(model: path, what: "a logit of a test picture")
      }
      metadata = try ModelDescription(model: self, verification: pairs).metadata
    } catch let error as ModelFileError {
      throw error
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
    try SafeTensorsFile.write(parameters.entries.map { ($0.name, $0.tensor) }, metadata: metadata, to: path)
  }

  /// Reads a model that `save` has written, or a `.keras` file of Keras; which it is, the first bytes tell.
  ///
  /// - Parameters:
  ///   - options: what a person says about the model.
  ///   - pool: computes the verification of stored input/logit pairs; nil for one of its own.
  /// - Throws: `ModelFileError`.
  public static func load(
    from path: String, importing options: ImportOptions = ImportOptions(), pool: WorkerPool? = nil
  ) throws(ModelFileError) -> Model {
    if ModelFormat(ofFile: path) == .keras { return try readKeras(path, options: options) }
    return try readSafeTensors(path, pool: pool).with(options)
  }

  /// Verifies the checksums and the input/logit pairs.
  private static func readSafeTensors(_ path: String, pool: WorkerPool?) throws(ModelFileError) -> Model {
    let file = try SafeTensorsFile(path: path)
    let description = try ModelDescription(file: file)
    let parameters = try readParameters(file, network: description.network)
    let model = try Model(
      name: description.name, network: description.network, parameters: parameters, classes: description.classes,
      preprocessing: description.preprocessing, hasClassNames: description.hasClassNames,
      provenance: description.provenance)
    try model.verify(description.verification, path: path, pool: pool ?? WorkerPool())
    return model
  }

  /// The parameters that a network wants, from a file that holds them and no others.
  private static func readParameters(
    _ file: SafeTensorsFile, network: Network
  ) throws(ModelFileError) -> ParameterSet {
    // Names and shapes first: a file of another network is refused before its numbers are read.
    var wanted: [String: Shape] = [:]
    for node in network.nodes {
      for spec in node.signature?.parameters ?? [] { wanted["\(node.name).\(spec.name)"] = spec.shape }
    }
    for entry in file.header.entries {
      guard let shape = wanted.removeValue(forKey: entry.name) else {
        let names = network.nodes.flatMap(\.parameterNames)
        throw .unknownParameter(
          name: entry.name, path: file.path, suggestion: nearest(to: entry.name, among: names))
      }
      guard entry.shape == shape else {
        throw .shapeMismatch(parameter: entry.name, expected: shape, found: entry.shape, path: file.path)
      }
    }
    if let missing = wanted.keys.min() { throw .missingParameter(name: missing, path: file.path) }
    do throws(NetworkError) {
      try ParameterSet.requireMemory(for: network)
    } catch {
      throw .network(path: file.path, reason: "\(error)")
    }
    let tensors = try file.tensors()
    return try ParameterSet(network: network) { (name, _) throws(ModelFileError) in
      guard let tensor = tensors[name] else { throw .missingParameter(name: name, path: file.path) }
      return tensor
    }
  }

  private func verify(_ pairs: [VerificationPair], path: String, pool: WorkerPool) throws(ModelFileError) {
    let found: [VerificationPair]
    do {
      found = try VerificationPair.compute(
        network: network, parameters: parameters, range: preprocessing.range, seeds: pairs.map(\.seed), pool: pool)
    } catch {
      throw .network(path: path, reason: "\(error)")
    }
    for (index, (expected, found)) in zip(pairs, found).enumerated() {
      guard expected.logits.count == found.logits.count else {
        throw .notAModel(path: path, reason: "a stored input has \(expected.logits.count) logits")
      }
      let scale = expected.logits.reduce(1) { max($0, abs($1)) }
      for (a, b) in zip(expected.logits, found.logits) where !(abs(a - b) <= scale * VerificationPair.tolerance) {
        throw .verification(path: path, pair: index, expected: a, found: b)
      }
    }
  }
}

private func isFinite(_ tensor: Tensor) -> Bool { tensor.buffer.allSatisfy(\.isFinite) }
