import Foundation
import ModelFiles

/// What a prediction table looks like.
public enum PredictionFormat: String, CaseIterable, Sendable {
  /// `file  status  class  probability  class_2  probability_2  ...  message`
  case table
  /// `MODEL  FILE  PREDICTION`, as Herbariograph's script writes it.
  case herbariograph
}

/// What is to be predicted, how, and where the table goes.
public struct PredictionRequest: Sendable {
  /// Pictures, record files, and folders with them.
  public var paths: [String]
  /// A text file with a path a line.
  public var list: String?
  public var output: String
  public var format = PredictionFormat.table
  /// How many classes a row names.
  public var top = 3
  /// A picture whose highest probability is below this is `unknown`; nil: none is.
  public var rejectBelow: Double?
  /// nil: all files.
  public var shard: Shard?
  /// Goes on with an interrupted prediction, if there is one.
  public var resume = false
  /// The feature of records that holds the picture; nil: found out from the first record.
  public var imageKey: String?
  /// Pictures a step; nil: as many as suit the network.
  public var batchSize: Int?
  /// Other files that are read, such as the model's: the table must not take their place.
  public var otherInputs: [String] = []
  /// Of the program.
  public var version = ""

  public init(paths: [String], list: String? = nil, output: String) {
    self.paths = paths
    self.list = list
    self.output = output
  }
}

extension PredictionRequest {
  /// All that the table's bytes depend on, but for the files and the shard.
  func facts(model: Model, batchSize: Int) throws -> [(key: String, value: String)] {
    var classes = XXHash64()
    for name in model.classes { classes.update(name + "\n") }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let preprocessing = String(decoding: try encoder.encode(model.preprocessing), as: UTF8.self)
    return [
      ("workbench", version),
      ("the model", "\(model.name) \(try checksum(of: model, encoder))"),
      ("class names", classes.hexDigest),
      ("preprocessing", preprocessing), ("the paths", TSV.line(paths)), ("--list", list ?? "none"),
      ("--format", format.rawValue), ("--top", format == .table ? "\(top)" : "none"),
      ("--image-key", imageKey ?? "none"),
      ("--reject", rejectBelow.map { "\($0)" } ?? "none"), ("batches of", "\(batchSize)"),
    ]
  }

  /// Of the network and all its numbers.
  private func checksum(of model: Model, _ encoder: JSONEncoder) throws -> String {
    var hash = XXHash64()
    try encoder.encode(model.network).withUnsafeBytes { hash.update($0) }
    for entry in model.parameters.entries { hash.update(UnsafeRawBufferPointer(entry.tensor.buffer)) }
    return hash.hexDigest
  }
}
