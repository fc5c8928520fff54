import Schemas

/// Why a conformance run cannot begin, or ended early.
public enum PluginCheckError: Error, Equatable, Sendable {
  case emptyPath
  case noSuchFile(String)
  case isFolder(String, libraries: [String])
  case isNoLibrary(String)
  case unknownCheck(String, suggestion: String?)
  /// An option that nothing of the plugin has, or a value that does not fit; the text is the sentence.
  case wrongOption(String)
  case cannotStart(String)
  case interrupted
}

extension PluginCheckError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .emptyPath: "the path of the plugin is empty: name its library, a file NAME.so"
    case .noSuchFile(let path): "\(path): there is no such file"
    case .isFolder(let path, let libraries):
      "\(path): this is a folder"
        + (libraries.isEmpty ? ", and no library (.so) is in it" : "; name the library in it: \(libraries[0])")
    case .isNoLibrary(let path): "\(path): this is no shared library (an ELF file)"
    case .unknownCheck(let name, let suggestion):
      "there is no check '\(name)'" + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    case .wrongOption(let sentence): sentence
    case .cannotStart(let reason): "the process that tries the plugin cannot be started: \(reason)"
    case .interrupted: "interrupted"
    }
  }
}
