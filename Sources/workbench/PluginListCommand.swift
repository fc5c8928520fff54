import ArgumentParser
import Foundation
import PluginHost
import Recipes
import Schemas

struct PluginListCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List all plugins that can be found, with what they bring, and the files that are none.",
    discussion: """
      Looked at are the folders of WORKBENCH_PLUGIN_PATH (with : between them), ~/.local/share/workbench/plugins, \
      lib/workbench/plugins of the installation, and the program's own folder.
      """)

  @OptionGroup var plugins: PluginArguments

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try reportingFailures {
      let (found, rejected) = PluginHost.shared.survey()
      // What --plugin has loaded lies in no folder that is searched.
      let libraries = PluginHost.shared.libraries.filter { loaded in !found.contains { $0 === loaded } } + found
      StandardStream.output.write(
        try json ? jsonLine(libraries, rejected) : PluginListCommand.text(libraries, rejected))
    }
  }

  private static func text(_ libraries: [PluginLibrary], _ rejected: [PluginError]) -> String {
    var lines: [String] = []
    for library in libraries {
      lines.append("\(library.id) \(library.version)  \(library.help)")
      lines.append("  file     \(library.path)")
      let origin = [
        library.license, library.author.map { "by \($0)" }, library.url,
      ].compactMap(\.self)
      if !origin.isEmpty { lines.append("  origin   " + origin.joined(separator: ", ")) }
      for part in PluginPart.parts(of: library) {
        lines.append("  \(part.kind.padding(toLength: 8, withPad: " ", startingAt: 0)) \(part.name)  \(part.help)")
        for option in part.options { lines.append("             \(option.name): \(option.text)  \(option.help)") }
      }
    }
    if libraries.isEmpty {
      lines += ["no plugins; looked in"] + PluginHost.shared.folders.map { "  \($0)" }
    }
    lines += rejected.map { "rejected: \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private func jsonLine(_ libraries: [PluginLibrary], _ rejected: [PluginError]) throws -> String {
    struct Plugin: Encodable {
      let id: String
      let version: String
      let help: String
      let author: String?
      let license: String?
      let url: String?
      let file: String
      let kinds: [String]
      let parts: [PluginPart]
    }
    struct Listing: Encodable {
      let plugins: [Plugin]
      let rejected: [String]
      let folders: [String]
    }
    return try JSON.line(
      Listing(
        plugins: libraries.map {
          Plugin(
            id: $0.id, version: $0.version, help: $0.help, author: $0.author, license: $0.license, url: $0.url,
            file: $0.path, kinds: $0.kinds, parts: PluginPart.parts(of: $0))
        }, rejected: rejected.map { "\($0)" }, folders: PluginHost.shared.folders))
  }
}

/// One thing that a plugin brings, as it is listed.
private struct PluginPart: Encodable {
  struct Option: Encodable {
    let name: String
    /// `an integer, 1 to 9, default 3`
    let text: String
    let help: String
  }

  let kind: String
  let name: String
  let help: String
  let options: [Option]

  static func parts(of library: PluginLibrary) -> [PluginPart] {
    library.layers.map { PluginPart("layer", $0.schema) } + library.sources.map { PluginPart("source", $0.schema) }
      + library.codecs.map {
        PluginPart("codec", Schema($0.name, help: "\($0.help) (\($0.extensions.joined(separator: ", ")))"))
      } + library.overrides.map { PluginPart("override", Schema($0.name, help: "\($0.help) (of \($0.layer))")) }
  }

  private init(_ kind: String, _ schema: Schema) {
    self.kind = kind
    name = schema.name
    help = schema.help
    options = schema.options.map { option in
      Option(name: option.name, text: option.summary, help: option.help)
    }
  }
}
