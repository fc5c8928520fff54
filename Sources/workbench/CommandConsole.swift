import Recipes

/// Shows what a recipe says: its results on standard output, everything else on standard error.
final class CommandConsole: RecipeConsole {
  private let display: ProgressDisplay
  private let isQuiet: Bool

  /// - Parameter isQuiet: leave out remarks, epochs and progress; results stay.
  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    display = ProgressDisplay(isQuiet: isQuiet)
  }

  func output(_ line: String) {
    display.clear()
    StandardStream.output.writeLine(line)
  }

  func note(_ line: String) {
    if isQuiet { return }
    display.clear()
    StandardStream.error.writeLine(line)
  }

  func progress(_ progress: RecipeProgress) { display.show(ProgressLine(progress)) }

  func epochEnded(_ line: String) { note(line) }

  /// Leaves the terminal as a shell wants it.
  func finish() { display.clear() }
}
