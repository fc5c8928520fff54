import ArgumentParser
import Recipes

struct RunCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a recipe: train, evaluate, and leave model, tables and report in a folder.")

  @OptionGroup var recipe: RecipeArguments

  @Option(help: "The run folder (default: runs/<recipe>-<date-time>).")
  var output: String?

  @Flag(help: "Continue the newest interrupted run of this recipe and parameters, or the one in --output.")
  var resume = false

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print results only.")
  var quiet = false

  @OptionGroup var plugins: PluginArguments

  func run() throws {
    try reportingFailures {
      var configuration = try recipe.configuration()
      configuration.output = output
      configuration.resume = resume
      configuration.threads = threads.threads
      let console = CommandConsole(isQuiet: quiet)
      defer { console.finish() }
      let flag = Workbench.stopFlag
      _ = try RecipeRunner(configuration, console: console, shouldStop: { flag.isSet }).run()
    }
  }
}
