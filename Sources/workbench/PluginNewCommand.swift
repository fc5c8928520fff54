import ArgumentParser
import PluginTemplates
import Recipes

extension PluginTemplate.Kind: ExpressibleByArgument {}
extension PluginTemplate.Language: ExpressibleByArgument {}

struct PluginNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Write a plugin to begin with: it builds with one command and passes the checks.",
    discussion: "docs/plugins.md leads from here to a trained network.")

  @Argument(help: "The plugin's name, and that of its folder: letters a to z, digits and _.")
  var name: String

  @Option(help: "What it brings to recipes.")
  var kind: PluginTemplate.Kind

  @Option(help: "What it is written in.")
  var language = PluginTemplate.Language.c

  func run() throws {
    try reportingFailures {
      let template = try PluginTemplate(name: name, kind: kind, language: language)
      if let reason = RecipeSurface().objection(toPluginName: name) { throw CommandFailure.request(reason) }
      try template.write(to: ".")
      StandardStream.output.writeLine(
        """
        wrote \(name): next

          cd \(name)
          \(template.buildCommand)
          workbench plugins check \(template.libraryPath)\(template.checkArguments)

        and then as its README.md says.
        """)
    }
  }
}
