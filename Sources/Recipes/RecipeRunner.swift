import Foundation
import Networks
import Reports
import Schemas

/// Runs one recipe from its first line to its last.
///
///     let runner = RecipeRunner(configuration, console: console, shouldStop: { flag.isSet })
///     let outcome = try runner.run()
public final class RecipeRunner {
  /// Of the workbench, as files and `wb.version` have it.
  public static let version = WorkbenchVersion.current

  public let configuration: RecipeConfiguration
  private let console: any RecipeConsole
  private let shouldStop: @Sendable () -> Bool

  private static let largestRecipe = 16 << 20

  /// - Parameter shouldStop: asked often, from several threads; true once SIGINT or SIGTERM has come.
  public init(
    _ configuration: RecipeConfiguration, console: any RecipeConsole, shouldStop: @escaping @Sendable () -> Bool
  ) {
    self.configuration = configuration
    self.console = console
    self.shouldStop = shouldStop
  }

  /// - Throws: `RecipeError`, and nothing else.
  @discardableResult
  public func run() throws(RecipeError) -> RecipeOutcome {
    let session = RecipeSession(configuration, text: try read(), console: console, shouldStop: shouldStop)
    if configuration.mode == .run { console.note("seed \(session.baseSeed)") }
    do {
      try run(session)
    } catch {
      if let folder = session.folder {
        let status: RunFolder.Status = if case .interrupted = error { .interrupted } else { .failed }
        // The run has an error of its own to tell: that this cannot be written either would hide it.
        do { try folder.save(session, status: status) } catch { console.note("\(error)") }
      }
      throw error
    }
    return RecipeOutcome(
      folder: session.folder?.path, parameters: session.parameters.resolved, networks: session.networks,
      previews: session.previews)
  }

  private func run(_ session: RecipeSession) throws(RecipeError) {
    let runtime: LuaRuntime
    do {
      runtime = try makeRuntime(session)
    } catch {
      throw .failed(message: "\(error)")
    }
    do {
      try runtime.run(session.recipeText, name: URL(fileURLWithPath: configuration.path).lastPathComponent)
    } catch {
      throw recipeError(error, session, runtime)
    }
    if shouldStop() { throw .interrupted }
    try session.parameters.checkSettings()
    do {
      try session.finish()
    } catch {
      throw .failed(message: "\(error)")
    }
  }

  private func read() throws(RecipeError) -> [UInt8] {
    var status = stat()
    if stat(configuration.path, &status) != 0 {
      throw .unreadable(path: configuration.path, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: configuration.path, reason: "is not a file")
    }
    guard status.st_size <= RecipeRunner.largestRecipe else {
      throw .unreadable(path: configuration.path, reason: "is too large for a recipe (16 MB)")
    }
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: configuration.path)))
    } catch {
      let isDenied = access(configuration.path, R_OK) != 0
      throw .unreadable(path: configuration.path, reason: isDenied ? "permission denied" : "cannot be read")
    }
  }

  private func makeRuntime(_ session: RecipeSession) throws -> LuaRuntime {
    var settings = LuaRuntime.Settings()
    settings.memoryLimit = configuration.memoryLimit
    settings.seed = session.baseSeed
    settings.trusted = configuration.trust
    settings.folders = session.moduleFolders
    let runtime = try LuaRuntime(settings, callbacks: session.makeCallbacks())
    try session.define(in: runtime)
    return runtime
  }

  /// What a Lua error was: a request of the recipe that Swift refused, a failure of the work, or the script's own.
  private func recipeError(_ failure: LuaFailure, _ session: RecipeSession, _ runtime: LuaRuntime) -> RecipeError {
    switch failure.kind {
    case .stopped: return .interrupted
    case .syntax: return .syntax(message: failure.message)
    case .memory:
      let limit = configuration.memoryLimit >> 20
      return .script(
        message: "\(failure.message) (a recipe may use \(limit) MB)", traceback: "", workHadBegun: session.workHasBegun)
    case .script: break
    }
    guard let thrown = runtime.lastThrown, failure.message.hasSuffix(thrown.message), !thrown.message.isEmpty else {
      return .script(message: failure.message, traceback: failure.traceback, workHadBegun: session.workHasBegun)
    }
    switch (thrown.error as? PositionedError)?.error ?? thrown.error {
    case let error as RecipeError: return error
    case is WorkError: return .failed(message: failure.message)
    case let inner as LuaFailure:
      return .script(message: inner.message, traceback: inner.traceback, workHadBegun: session.workHasBegun)
    default:
      return .request(message: failure.message, traceback: failure.traceback, workHadBegun: session.workHasBegun)
    }
  }
}

extension RecipeSession {
  /// Writes what is left to write when the script has ended.
  func finish() throws {
    guard let folder else { return }
    if !report.isEmpty { try ReportWriter.write(report.content(self, title: recipeName), to: folder.path) }
    try folder.save(self, status: .done)
    console.note("results in \(folder.path)")
  }
}

/// What a recipe left behind.
public struct RecipeOutcome: Sendable {
  /// The run folder; nil in check mode and for recipes that wrote nothing.
  public var folder: String?
  /// Every parameter with its resolved value, in order of declaration.
  public var parameters: [RecipeParameter] = []
  /// The network of each `wb.train`, in order; filled in every mode.
  public var networks: [PlannedNetwork] = []
  /// What each `wb.train` shows its network, in order; filled in the mode `preview`.
  public var previews: [TrainingPreview] = []
}

/// What a `wb.train` would train.
public struct PlannedNetwork: Sendable {
  public let network: Network
  /// The names of layers that do not learn.
  public let frozen: Set<String>
}

/// A parameter that a recipe declared by `wb.param`.
public struct RecipeParameter: Sendable {
  public let name: String
  /// As a person would write it.
  public let value: String
  public let help: String
}
