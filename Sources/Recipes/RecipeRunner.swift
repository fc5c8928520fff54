import Networks

/// Runs one recipe from its first line to its last.
///
///     let runner = RecipeRunner(configuration, console: console, shouldStop: { flag.isSet })
///     let outcome = try runner.run()
public final class RecipeRunner {
  public let configuration: RecipeConfiguration
  private let console: any RecipeConsole
  private let shouldStop: @Sendable () -> Bool

  /// - Parameter shouldStop: asked often, from several threads; true once SIGINT or SIGTERM has come.
  public init(
    _ configuration: RecipeConfiguration, console: any RecipeConsole, shouldStop: @escaping @Sendable () -> Bool
  ) {
    self.configuration = configuration
    self.console = console
    self.shouldStop = shouldStop
  }

  /// - Throws: `RecipeError`, and nothing else.
  public func run() throws -> RecipeOutcome { RecipeOutcome() }
}

/// What a recipe left behind.
public struct RecipeOutcome: Sendable {
  /// The run folder; nil in check mode and for recipes that trained and evaluated nothing.
  public var folder: String?
  /// Every parameter with its resolved value, in order of declaration.
  public var parameters: [RecipeParameter] = []
  /// The network of each `wb.train`, in order; filled in every mode.
  public var networks: [Network] = []
}

/// A parameter that a recipe declared by `wb.param`.
public struct RecipeParameter: Sendable {
  public let name: String
  /// As a person would write it.
  public let value: String
  public let help: String
}
