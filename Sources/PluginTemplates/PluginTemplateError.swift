/// Why a plugin to begin with is not written.
public enum PluginTemplateError: Error, Equatable, Sendable {
  case name(String)
  case exists(String)
  case cannotWrite(String, reason: String)
}

extension PluginTemplateError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .name(let name):
      "'\(name.prefix(80))' cannot be the name of a plugin: letters a to z, digits and _, at most 63, a letter first"
    case .exists(let path): "\(path): exists already; nothing was changed"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    }
  }
}
