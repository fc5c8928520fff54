import ArgumentParser

/// `workbench plugins ...`
struct PluginsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins", abstract: "Try plugins.", subcommands: [PluginCheckCommand.self])
}
