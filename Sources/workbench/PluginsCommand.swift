import ArgumentParser

/// `workbench plugins ...`
struct PluginsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins", abstract: "List and try plugins.",
    subcommands: [PluginListCommand.self, PluginCheckCommand.self])
}
