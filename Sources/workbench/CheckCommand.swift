import ArgumentParser
import Recipes

struct CheckCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Run a recipe without training: shapes, parameters, memory, time; nothing is written.")

  @OptionGroup var recipe: RecipeArguments

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print shapes as channels x height x width, as the 2017 paper does.")
  var channelFirst = false

  @OptionGroup var plugins: PluginArguments

  func run() throws {
    try reportingFailures {
      var configuration = try recipe.configuration()
      configuration.mode = .check
      configuration.threads = threads.threads
      configuration.channelFirst = channelFirst
      let console = CommandConsole(isQuiet: false)
      defer { console.finish() }
      let flag = Workbench.stopFlag
      _ = try RecipeRunner(configuration, console: console, shouldStop: { flag.isSet }).run()
    }
  }
}
