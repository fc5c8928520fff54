import ArgumentParser
import Foundation
import Recipes
import Tensors

/// `RECIPE --set KEY=VALUE ... --seed N --threads N --trust`: what every command that runs a recipe takes.
struct RecipeArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("The recipe, a Lua file.", valueName: "recipe"), completion: .file(extensions: ["lua"]))
  var recipe: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Give a parameter of the recipe a value; may be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Option(help: "The seed of all random decisions (default: 1).")
  var seed: Int?

  @Flag(help: "Let the recipe use io, os and any file; only for recipes that you trust.")
  var trust = false

  func validate() throws {
    for setting in settings where !setting.contains("=") || setting.hasPrefix("=") {
      throw ValidationError("--set \(setting): must be KEY=VALUE, such as --set epochs=5")
    }
  }

  /// - Throws: `CommandFailure` when a key is given twice.
  func configuration() throws -> RecipeConfiguration {
    var configuration = RecipeConfiguration(path: recipe)
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = String(parts[0])
      if configuration.settings[key] != nil { throw CommandFailure.request("--set \(key): given twice") }
      configuration.settings[key] = String(parts[1])
    }
    configuration.seed = seed
    configuration.trust = trust
    configuration.libraryFolders = ShippedRecipes.folders
    return configuration
  }
}

/// `--threads N`
struct ThreadArguments: ParsableArguments {
  @Option(help: "Threads to compute with (default: one for each core). The results do not depend on it.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): must be from 1 to 1024")
    }
  }

  func pool() -> WorkerPool { WorkerPool(workerCount: threads) }
}

/// `recipes/` of the installation, in which a recipe's `require` looks after its own folder.
enum ShippedRecipes {
  /// Beside the program or above it: `<prefix>/share/workbench/recipes`, or the checkout that it was built in.
  static var folders: [String] {
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return [] }
    var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
    for _ in 0..<5 {
      for name in ["share/workbench/recipes", "recipes"] {
        let candidate = folder.appendingPathComponent(name).path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), isFolder.boolValue {
          return [candidate]
        }
      }
      folder.deleteLastPathComponent()
    }
    return []
  }
}
