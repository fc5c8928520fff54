import ArgumentParser

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Prepare pictures.",
    subcommands: [
      DataPackCommand.self, DataInspectCommand.self, DataDedupeCommand.self, DataCorruptCommand.self,
    ])
}
