import ArgumentParser
import Foundation
import ModelFiles

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Write a model anew, in the format of the extension, with other names.",
    discussion: "The formats that exist are: .safetensors")

  @Argument(help: "A model file (.safetensors).")
  var model: String

  @Argument(help: "The file to write (.safetensors).")
  var out: String

  @Option(help: "A text file with the names of the classes, one a line, in the order of the model's outputs.")
  var labels: String?

  @Option(help: "What reports and tables call the model.")
  var name: String?

  func validate() throws {
    let format = (out as NSString).pathExtension.lowercased()
    if format != "safetensors" {
      throw ValidationError("\(out): the format '.\(format)' is unknown; the formats that exist are: .safetensors")
    }
    if let name, name.isEmpty { throw ValidationError("--name: must not be empty") }
  }

  func run() throws {
    try reportingFailures {
      try OutputFolder.checkWritable(besides: out)
      let source = try Model.load(from: model)
      let classes = try labels.map { try Labels.read($0, count: source.classes.count) }
      let result = try Model(
        name: name ?? source.name, network: source.network, parameters: source.parameters,
        classes: classes ?? source.classes, preprocessing: source.preprocessing, provenance: source.provenance)
      try result.save(to: out)
    }
  }
}

/// A text file with a class name a line.
enum Labels {
  /// - Throws: `CommandFailure` when the file cannot be read, or does not hold `count` different names.
  static func read(_ path: String, count: Int) throws -> [String] {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure.request("\(path): cannot be read")
    }
    guard let text = String(data: bytes, encoding: .utf8) else {
      throw CommandFailure.request("\(path): is not UTF-8 text")
    }
    var names = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    while names.last == "" { names.removeLast() }
    if let line = names.firstIndex(of: "") { throw CommandFailure.request("\(path):\(line + 1): the line is empty") }
    if names.count != count {
      throw CommandFailure.request("\(path): holds \(names.count) names, but the model has \(count) classes")
    }
    var seen: Set<String> = []
    for (line, name) in names.enumerated() where !seen.insert(name).inserted {
      throw CommandFailure.request("\(path):\(line + 1): '\(name)' stands there twice")
    }
    return names
  }
}
