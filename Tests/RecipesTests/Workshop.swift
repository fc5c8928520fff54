import Foundation
import Images
import Recipes
import Synchronization

/// A folder of its own for each test, in which recipes are written and run.
final class Workshop {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "workbench-recipes-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { folder + "/" + name }

  func write(_ name: String, _ text: String) throws {
    let url = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Files that look like pictures by their names only: enough for everything that opens none.
  func writeEmptyClasses(_ classes: [String: Int]) throws {
    for (name, count) in classes { for i in 0..<count { try write("data/\(name)/\(i).jpg", "not a picture") } }
  }

  /// Pictures of 16 x 16 in two classes, dark and bright, with noise.
  func writePictures(eachClass count: Int) throws {
    for (name, base) in [("bright", 170), ("dark", 40)] {
      for i in 0..<count {
        var state = UInt32(truncatingIfNeeded: i * 7919 + base)
        let pixels = (0..<16 * 16 * 3).map { _ -> UInt8 in
          state = state &* 1_664_525 &+ 1_013_904_223
          return UInt8(base + Int(state >> 26))
        }
        try FileManager.default.createDirectory(atPath: path("data/\(name)"), withIntermediateDirectories: true)
        let picture = Picture(width: 16, height: 16, pixels: pixels)
        try Data(try PictureEncoder.png(picture)).write(to: URL(fileURLWithPath: path("data/\(name)/\(i).png")))
      }
    }
  }

  /// Runs `recipe.lua` with this text.
  @discardableResult
  func run(
    _ text: String, mode: RecipeConfiguration.Mode = .check, console: Console = Console(),
    stop: StopSwitch = StopSwitch(), configure: (inout RecipeConfiguration) -> Void = { _ in }
  ) throws -> RecipeOutcome {
    try write("recipe.lua", text)
    var configuration = RecipeConfiguration(path: path("recipe.lua"))
    configuration.mode = mode
    configuration.threads = 2
    configuration.output = path("run")
    configure(&configuration)
    return try RecipeRunner(configuration, console: console, shouldStop: { stop.isSet }).run()
  }

  /// The text and the exit code of the error that a recipe ends with.
  func failure(
    _ text: String, mode: RecipeConfiguration.Mode = .check, console: Console = Console(),
    configure: (inout RecipeConfiguration) -> Void = { _ in }
  ) -> (message: String, exitCode: Int32) {
    do {
      try run(text, mode: mode, console: console, configure: configure)
      return ("(no error)", 0)
    } catch let error as RecipeError {
      return ("\(error)", error.exitCode)
    } catch {
      return ("another error: \(error)", -1)
    }
  }
}

/// Collects what a recipe says.
final class Console: RecipeConsole {
  private(set) var lines: [String] = []
  private(set) var notes: [String] = []
  private(set) var epochs: [String] = []
  private(set) var progressCount = 0
  /// Called after each epoch.
  var onEpoch: () -> Void = {}
  /// Called with each remark.
  var onNote: (String) -> Void = { _ in }

  func output(_ line: String) { lines.append(line) }
  func note(_ line: String) {
    notes.append(line)
    onNote(line)
  }

  func progress(_ progress: RecipeProgress) { progressCount += 1 }

  func epochEnded(_ line: String) {
    epochs.append(line)
    onEpoch()
  }
}

/// The test's stand-in for SIGINT.
final class StopSwitch: Sendable {
  private let value = Atomic<Bool>(false)
  private let questions = Atomic<Int>(0)
  /// Sets itself when it has been asked so often; 0: never.
  private let limit: Int

  init(afterQuestions limit: Int = 0) { self.limit = limit }

  var isSet: Bool {
    let asked = questions.add(1, ordering: .relaxed).newValue
    if limit > 0, asked > limit { return true }
    return value.load(ordering: .acquiring)
  }

  func set() { value.store(true, ordering: .releasing) }
}
