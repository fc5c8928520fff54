import ArgumentParser
import Foundation
import ModelFiles
import Reports
import Tensors

struct ConvertCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Write a model anew, in the format of the extension, with other names.",
    discussion: """
      The formats: .safetensors, workbench's own, and .keras, which Keras 2.13 and Keras 3 read, too. A .keras file \
      that comes from Keras knows neither class names nor preprocessing: give them once here.
      """)

  @OptionGroup var source: ModelArguments

  @Argument(help: "The file to write (.safetensors or .keras).")
  var out: String

  @Option(help: "A text file with the names of the classes, one a line, in the order of the model's outputs.")
  var labels: String?

  @Option(help: "What reports and tables call the model.")
  var name: String?

  @OptionGroup var plugins: PluginArguments

  func validate() throws {
    if ModelFormat(ofName: out) == nil { throw ValidationError("\(out): \(ModelFormat.unknown(out))") }
    if let name, name.isEmpty { throw ValidationError("--name: must not be empty") }
  }

  func run() throws {
    try reportingFailures {
      try OutputFolder.checkWritable(besides: out)
      let pool = WorkerPool()
      let model = try source.load(labels: labels, pool: pool).with(ImportOptions(name: name))
      try model.save(to: out, pool: pool)
      if !model.hasClassNames { StandardStream.error.writeLine("\(out): \(ModelArguments.namelessClasses(model))") }
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
      throw CommandFailure.request("\(path): holds \(counted(names.count, "name")), but the model has \(count) classes")
    }
    var seen: Set<String> = []
    for (line, name) in names.enumerated() where !seen.insert(name).inserted {
      throw CommandFailure.request("\(path):\(line + 1): '\(name)' stands there twice")
    }
    return names
  }
}
