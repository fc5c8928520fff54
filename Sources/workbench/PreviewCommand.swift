import ArgumentParser
import Foundation
import Images
import ModelFiles
import Recipes

struct PreviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Show the first training batches of a recipe, augmented, with their labels, as one picture.",
    discussion: "Nothing is trained. The first row shows the pictures as they are, for comparison.")

  @OptionGroup var recipe: RecipeArguments

  @Option(help: "The picture to write, .png or .jpg (default: <recipe>-preview.png).")
  var output: String?

  @Option(help: "How many batches to show.")
  var batches = 2

  @Option(help: "How many pictures of each batch to show, at most.")
  var pictures = 16

  @Option(help: "Which of the recipe's trainings, from 1.")
  var stage = 1

  @OptionGroup var threads: ThreadArguments

  func validate() throws {
    if !(1...16).contains(batches) { throw ValidationError("--batches \(batches): must be from 1 to 16") }
    if !(1...64).contains(pictures) { throw ValidationError("--pictures \(pictures): must be from 1 to 64") }
    if stage < 1 { throw ValidationError("--stage \(stage): must be 1 or more") }
    if let output, format(of: output) == nil {
      throw ValidationError("--output \(output): must end in .png, .jpg or .jpeg")
    }
  }

  func run() throws {
    try reportingFailures {
      let name = URL(fileURLWithPath: recipe.recipe).deletingPathExtension().lastPathComponent
      let path = output ?? "\(name)-preview.png"
      try OutputFolder.checkWritable(besides: path)
      var configuration = try recipe.configuration()
      configuration.mode = .preview
      configuration.threads = threads.threads
      let flag = Workbench.stopFlag
      let outcome = try RecipeRunner(configuration, console: RemarksConsole(), shouldStop: { flag.isSet }).run()
      guard outcome.previews.indices.contains(stage - 1) else {
        let count = outcome.previews.count
        throw CommandFailure.request(
          count == 0
            ? "\(recipe.recipe): the recipe trains no network"
            : "--stage \(stage): the recipe has \(count) training\(count == 1 ? "" : "s")")
      }
      let sheet = try outcome.previews[stage - 1].sheet(name: name, batches: batches, pictures: pictures)
      for file in sheet.bad { StandardStream.error.writeLine("left out: \(file.path): \(file.reason)") }
      let data =
        format(of: path) == .jpeg
        ? try PictureEncoder.jpeg(sheet.picture, quality: 85) : try PictureEncoder.png(sheet.picture)
      try AtomicFile.write(data, to: path)
      StandardStream.output.writeLine(path)
    }
  }

  private func format(of path: String) -> PictureFormat? {
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "png": .png
    case "jpg", "jpeg": .jpeg
    default: nil
    }
  }
}

/// Passes on what there is to remark; results there are none.
private final class RemarksConsole: RecipeConsole {
  func output(_ line: String) {}
  func note(_ line: String) { StandardStream.error.writeLine(line) }
  func progress(_ progress: RecipeProgress) {}
  func epochEnded(_ line: String) {}
}
