import Foundation
import ModelFiles
import Networks
import Tensors

/// A model that may become an ingredient: a file, or one in memory.
public struct SoupCandidate: Sendable {
  /// The file's path, or what else tables are to call it.
  public let name: String
  private let model: Model?

  public init(file path: String) {
    name = path
    model = nil
  }

  public init(_ model: Model, name: String) {
    self.name = name
    self.model = model
  }

  /// - Throws: `ModelFileError`, also when the numbers are not finite.
  func load(pool: WorkerPool) throws(ModelFileError) -> Model {
    let model = if let model { model } else { try Model.load(from: name, pool: pool) }
    for entry in model.parameters.entries where !entry.tensor.buffer.allSatisfy(\.isFinite) {
      throw .damaged(path: name, reason: "\(entry.name) has numbers that are not finite")
    }
    return model
  }

  /// What changes when the numbers do, at next to no cost: size and time of a file; of a model in memory its numbers.
  var identity: String {
    if let model {
      var hash = XXHash64()
      for entry in model.parameters.entries { hash.update(UnsafeRawBufferPointer(entry.tensor.buffer)) }
      return hash.hexDigest
    }
    var status = stat()
    guard stat(name, &status) == 0 else { return "no file" }
    return "\(status.st_size) bytes, \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }

  /// The model files that a text names: a file, the models in a folder (or in its `checkpoints/`), or a pattern such as
  /// `runs/a/stage-1/checkpoints/epoch-00[5-9]*.safetensors`. In order of their names.
  ///
  /// - Throws: `SoupError.noCandidates`.
  public static func files(at path: String) throws(SoupError) -> [String] {
    var isFolder: ObjCBool = false
    var found: [String] = []
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      if !isFolder.boolValue { return [path] }
      let own = path.hasSuffix("/") ? String(path.dropLast()) : path
      found = models(in: own + "/" + CheckpointFolder.name)
      if found.isEmpty { found = models(in: own) }
    } else {
      found = matches(of: path)
      if found.isEmpty, !path.contains(where: { "*?[".contains($0) }) { throw .missing(path: path) }
    }
    if found.isEmpty { throw .noCandidates(what: path) }
    return found
  }

  /// The checkpoints of a run, where there are any, else all model files.
  private static func models(in folder: String) -> [String] {
    let checkpoints = CheckpointFolder.files(in: folder)
    if !checkpoints.isEmpty { return checkpoints.map { "\(folder)/\($0)" } }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { name in
      !name.hasPrefix(".") && name != Trainer.checkpointName && ModelFormat(ofName: name) != nil
    }.sorted().map { "\(folder)/\($0)" }
  }

  private static func matches(of pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, 0, nil, &result) == 0 else { return [] }
    let paths = (0..<Int(result.gl_pathc)).compactMap { index in
      result.gl_pathv[index].map { String(cString: $0) }
    }
    return paths.filter { !$0.hasSuffix("/" + Trainer.checkpointName) && ModelFormat(ofName: $0) != nil }
  }
}

extension Model {
  /// Why two models cannot be mixed, as a clause; nil when they can.
  func objection(toMixingWith other: Model) -> String? {
    if network.inputShape != other.network.inputShape {
      return "its pictures are \(network.inputShape), there \(other.network.inputShape)"
    }
    for (mine, theirs) in zip(network.nodes, other.network.nodes) {
      if mine.name != theirs.name || mine.typeName != theirs.typeName {
        return "its layer \(mine.id) is '\(mine.name)' (\(mine.typeName)), there '\(theirs.name)' (\(theirs.typeName))"
      }
      if mine.inputs != theirs.inputs { return "its layer '\(mine.name)' is fed by other layers than there" }
      for (a, b) in zip(mine.signature?.parameters ?? [], theirs.signature?.parameters ?? []) where a.shape != b.shape {
        return "\(mine.name).\(a.name) is \(a.shape), there \(b.shape)"
      }
      let (options, others) = (mine.layer?.options.values ?? [:], theirs.layer?.options.values ?? [:])
      if let name = Set(options.keys).union(others.keys).sorted().first(where: { options[$0] != others[$0] }) {
        return "'\(name)' of its layer '\(mine.name)' is another"
      }
    }
    if network.nodes.count != other.network.nodes.count {
      return "it has \(network.nodes.count - 1) layers, there are \(other.network.nodes.count - 1)"
    }
    if classes != other.classes {
      let pair = zip(classes, other.classes).first { $0 != $1 }
      return "its classes are others" + (pair.map { ": '\($0)' where the other has '\($1)'" } ?? "")
    }
    if preprocessing != other.preprocessing { return "it reads pictures in another way" }
    return nil
  }
}
