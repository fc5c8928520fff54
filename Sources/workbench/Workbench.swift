import ArgumentParser
import Foundation
import Recipes
import Tensors

/// The root of the command line.
struct Workbench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbench",
    abstract: "Trains, evaluates and uses convolutional networks that sort pictures of specimens.",
    discussion: """
      Begin with: workbench run recipes/quickstart.lua --set data=FOLDER
      where FOLDER has one sub-folder of pictures for each class.
      """,
    version: "workbench \(RecipeRunner.version)",
    subcommands: [
      RunCommand.self, CheckCommand.self, PreviewCommand.self, DescribeCommand.self, EvaluateCommand.self,
      PredictCommand.self, MergeCommand.self, DataCommand.self, ConvertCommand.self, BenchCommand.self,
      PluginsCommand.self, StubsCommand.self,
    ])

  /// Set by the first Ctrl-C (SIGINT) or SIGTERM; the second one ends the process at once.
  static let stopFlag: StopFlag = {
    // Whoever started us may have blocked the signals, as programs do that start others from a thread of their own.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    return StopFlag.installingSignalHandlers()
  }()

  /// Parses the arguments, runs the command, and ends the process with its exit code.
  static func run() -> Never {
    ProgramEnd.watch()
    do {
      var command = try parseAsRoot()
      if let command = command as? any PluginUsing { try command.reportingFailures { try command.plugins.load() } }
      try command.run()
    } catch let failure as CommandFailure {
      end(failure)
    } catch {
      // Arguments that cannot be, and the requests for help and version.
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      if code.isSuccess {
        StandardStream.output.writeLine(message)
        ProgramEnd.leave(0)
      }
      guard code == .validationFailure else { end(CommandFailure(error)) }
      StandardStream.error.writeLine(message)
      ProgramEnd.leave(2)
    }
    ProgramEnd.leave(0)
  }

  private static func end(_ failure: CommandFailure) -> Never {
    if let signal = stopFlag.signal {
      // What there was is saved; the exit code says which signal came.
      StandardStream.error.writeLine("workbench: \(failure.exitCode == 130 ? failure.message : "interrupted")")
      ProgramEnd.leave(128 + signal)
    }
    StandardStream.error.writeLine("workbench: \(failure.message)")
    ProgramEnd.leave(failure.exitCode)
  }
}

extension ParsableCommand {
  /// Runs the body of a command; what any room throws becomes a message and an exit code.
  func reportingFailures(_ body: () throws -> Void) throws {
    do { try body() } catch { throw CommandFailure(error) }
  }
}
