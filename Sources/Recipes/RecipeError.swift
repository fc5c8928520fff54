import Schemas

/// Why a recipe ended early. `description` is what a person reads; the first line begins with `recipe.lua:14:` whenever
/// a line of the recipe is to blame.
public enum RecipeError: Error, Sendable {
  /// The recipe file cannot be read.
  case unreadable(path: String, reason: String)
  /// The text is not Lua. The message begins with file and line.
  case syntax(message: String)
  /// The recipe's own code failed: `attempt to index a nil value`, `error "..."`.
  case script(message: String, traceback: String, workHadBegun: Bool)
  /// The recipe asked for something that cannot be: an option, a shape, a path.
  case request(message: String, traceback: String, workHadBegun: Bool)
  /// The work itself failed: a full disk, a NaN loss, too many bad files.
  case failed(message: String)
  /// `--set` names a parameter that the recipe does not declare.
  case unknownSetting(name: String, suggestion: String?, known: [String])
  /// `--set` gives a text that is not of the parameter's type.
  case invalidSetting(position: String, name: String, text: String, expected: String)
  /// SIGINT, SIGTERM or the stop flag; what there was is saved.
  case interrupted

  /// The exit code of the command line: 1 the job failed, 2 the request was wrong; `interrupted` is 130, and the
  /// command line makes 143 of it after SIGTERM.
  public var exitCode: Int32 {
    switch self {
    case .failed: 1
    case .script(_, _, let workHadBegun), .request(_, _, let workHadBegun): workHadBegun ? 1 : 2
    case .interrupted: 130
    default: 2
    }
  }
}

extension RecipeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .syntax(let message): message
    case .script(let message, let traceback, _), .request(let message, let traceback, _):
      traceback.isEmpty ? message : message + "\n" + traceback
    case .failed(let message): message
    case .unknownSetting(let name, let suggestion, let known):
      "--set \(name): the recipe has no parameter '\(name)'"
        + (suggestion.map { " (did you mean '\($0)'?)" }
          ?? (known.isEmpty ? " (it declares none)" : " (it has \(known.sorted().joined(separator: ", ")))"))
    case .invalidSetting(let position, let name, let text, let expected):
      "\(position): --set \(name)=\(text): must be \(expected)"
    case .interrupted: "interrupted"
    }
  }
}
