import ArgumentParser
import PluginHost

/// `--plugin PATH`: what every command takes.
struct PluginArguments: ParsableArguments {
  @Option(
    name: .customLong("plugin"),
    help: ArgumentHelp(
      "Load a plugin, or all plugins in a folder; may be repeated. Plugins are native code with your rights.",
      valueName: "path"),
    completion: .file(extensions: ["so"]))
  var paths: [String] = []

  /// - Throws: `PluginError`.
  func load() throws {
    for path in paths {
      for error in try PluginHost.shared.load(path: path).rejected {
        StandardStream.error.writeLine("rejected: \(error)")
      }
    }
  }
}

/// A command that plugins may be given to; they are loaded before it runs.
protocol PluginUsing: ParsableCommand {
  var plugins: PluginArguments { get }
}
