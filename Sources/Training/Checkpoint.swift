import Foundation
import ModelFiles
import Networks
import Tensors

/// The file that a run continues from: parameters with running statistics, optimizer arrays, moving averages, and in
/// the metadata where the run stands and what it is made of.
///
///     conv2d_1.kernel                 a parameter
///     optimizer/m/conv2d_1.kernel     an array of the optimizer
///     average/conv2d_1.kernel         a moving average
struct Checkpoint {
  static let format = "2"

  let path: String
  let fingerprint: RunFingerprint

  private enum Key {
    static let format = "workbench_checkpoint"
    static let fingerprint = "run"
    static let state = "state"
  }

  /// Writes atomically: until the new file is complete, the old one stands.
  ///
  /// - Throws: `ModelFileError.diskFull`, `.cannotWrite`.
  func write(_ state: RunState, updater: ParameterUpdater) throws {
    let metadata = [
      Key.format: Checkpoint.format, Key.fingerprint: try encode(fingerprint), Key.state: try encode(state),
    ]
    try SafeTensorsFile.write(Checkpoint.tensors(of: updater), metadata: metadata, to: path)
  }

  /// Where the run stands; `read` then brings the tensors.
  ///
  /// - Returns: nil when there is no checkpoint.
  /// - Throws: `TrainingError.checkpointDiffers` when it is of another run, `.checkpointUnreadable`; `ModelFileError`.
  func readState() throws -> RunState? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let metadata = try SafeTensorsFile(path: path).metadata
    guard let format = metadata[Key.format] else {
      throw TrainingError.checkpointUnreadable(file: path, reason: "not a checkpoint of workbench")
    }
    guard format == Checkpoint.format else {
      throw TrainingError.checkpointUnreadable(
        file: path, reason: "a checkpoint of format \(format.prefix(20)), which this workbench does not read")
    }
    let stored: RunFingerprint = try decode(Key.fingerprint, metadata)
    if let difference = fingerprint.firstDifference(from: stored) {
      throw TrainingError.checkpointDiffers(
        file: path, what: difference.name, checkpoint: difference.there, run: difference.here)
    }
    return try decode(Key.state, metadata)
  }

  /// Fills parameters, optimizer arrays and averages.
  func read(into updater: ParameterUpdater) throws {
    var wanted = Dictionary(uniqueKeysWithValues: Checkpoint.tensors(of: updater).map { ($0.name, $0.tensor) })
    var problem: String?
    try SafeTensorsFile(path: path).readAll { entry, tensor in
      guard let target = wanted.removeValue(forKey: entry.name), target.shape == tensor.shape else {
        problem = problem ?? "holds \(entry.name) of \(tensor.shape), which this run does not have"
        return
      }
      target.pointer.update(from: tensor.pointer, count: tensor.count)
    }
    if problem == nil, let missing = wanted.keys.min() { problem = "does not hold \(missing)" }
    if let problem { throw TrainingError.checkpointUnreadable(file: path, reason: problem) }
  }

  /// The parameters alone (moving averages, if there are any): those of the model that the run leaves behind.
  func readParameters(network: Network) throws -> ParameterSet {
    let parameters = ParameterSet(network: network) { _, spec in Tensor(spec.shape) }
    let file = try SafeTensorsFile(path: path)
    let hasAverages = file.header.entries.contains { $0.name.hasPrefix(Checkpoint.averagePrefix) }
    var missing = Set(parameters.entries.map(\.name))
    try file.readAll { entry, tensor in
      var name = entry.name
      if hasAverages {
        guard name.hasPrefix(Checkpoint.averagePrefix) else { return }
        name.removeFirst(Checkpoint.averagePrefix.count)
      }
      guard let target = parameters[name], target.shape == tensor.shape else { return }
      target.pointer.update(from: tensor.pointer, count: tensor.count)
      missing.remove(name)
    }
    if let name = missing.min() {
      throw TrainingError.checkpointUnreadable(file: path, reason: "does not hold \(name)")
    }
    return parameters
  }

  private static let averagePrefix = "average/"

  private static func tensors(of updater: ParameterUpdater) -> [(name: String, tensor: Tensor)] {
    let entries = updater.parameters.entries
    var result = entries.map { (name: $0.name, tensor: $0.tensor) }
    for (slot, slotName) in updater.optimizer.slotNames.enumerated() {
      for (entry, slots) in zip(entries, updater.slots) where !slots.isEmpty {
        result.append((name: "optimizer/\(slotName)/\(entry.name)", tensor: slots[slot]))
      }
    }
    for entry in updater.average?.entries ?? [] {
      result.append((name: averagePrefix + entry.name, tensor: entry.tensor))
    }
    return result
  }

  private func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private func decode<Value: Decodable>(_ key: String, _ metadata: [String: String]) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(Value.self, from: Data((metadata[key] ?? "").utf8))
    } catch {
      throw TrainingError.checkpointUnreadable(file: path, reason: "'\(key)' in its metadata cannot be read")
    }
  }
}
