import ArgumentParser

/// `workbench plugins ...`
struct PluginsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins", abstract: "Begin, try and list plugins.",
    subcommands: [PluginNewCommand.self, PluginCheckCommand.self, PluginListCommand.self])
}
