/// What the command line says about a run.
public struct RecipeConfiguration: Sendable {
  public enum Mode: Sendable {
    /// Trains, evaluates, writes a run folder.
    case run
    /// `workbench check`: training is replaced by planning; nothing is written, no pixel is read.
    case check
    /// `workbench bench`: as `check`, but nothing is printed, and data that are not there are replaced by two made-up
    /// classes. The networks that the recipe would train are in `RecipeOutcome.networks`.
    case plan
    /// `workbench preview`: as `check`, but nothing is printed. What each training would show its network is in
    /// `RecipeOutcome.previews`.
    case preview
  }

  /// The recipe file.
  public var path: String
  /// `--set KEY=VALUE`, as given.
  public var settings: [String: String] = [:]
  /// `--output`: the run folder. nil: `runs/<recipe>-<date-time>`.
  public var output: String?
  public var resume = false
  /// nil: 1.
  public var seed: Int?
  /// nil: one for each core.
  public var threads: Int?
  /// Opens `io`, `os` and `package.loadlib` to the recipe.
  public var trust = false
  public var mode = Mode.run
  /// Folders after the recipe's own in which `require` looks: the shipped `recipes/`.
  public var libraryFolders: [String] = []
  /// Print layer tables channels first, as the 2017 paper does.
  public var channelFirst = false
  /// What Lua may allocate, in bytes.
  public var memoryLimit = 512 << 20

  public init(path: String) { self.path = path }
}
