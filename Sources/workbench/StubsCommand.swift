import ArgumentParser
import PluginHost
import Recipes

struct StubsCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "stubs",
    abstract: "Write annotations for the Lua language server: editors then show options, types and help in recipes.",
    discussion: "Plugins are included: those of --plugin, and all that `workbench plugins list` finds.")

  @Option(help: "The folder that you open in the editor (default: the working folder).")
  var output = "."

  @OptionGroup var plugins: PluginArguments

  func run() throws {
    try reportingFailures {
      if output.isEmpty { throw CommandFailure.request("--output: the name of the folder is empty") }
      for error in PluginHost.shared.survey().rejected { StandardStream.error.writeLine("left out: \(error)") }
      let found = PluginHost.shared.libraries.map { RecipeSurface.Plugin($0) }
      let lines = try StubFolder.write(
        RecipeSurface(plugins: found), to: output, libraries: ShippedRecipes.folders)
      for line in lines { StandardStream.error.writeLine(line) }
    }
  }
}
