/// Why a plugin cannot be used.
public enum PluginError: Error, Equatable, Sendable {
  case notThere(path: String)
  /// A folder of `--plugin` of which nothing could be loaded.
  case emptyFolder(path: String, rejected: [PluginError])
  /// The system's loader refuses the file; `reason` is its sentence.
  case notALibrary(path: String, reason: String)
  /// The library does not export `workbench_plugin_main`.
  case noEntry(path: String)
  /// The plugin itself says that it cannot be used here.
  case refused(path: String, reason: String)
  case version(path: String, plugin: Int, host: Int)
  /// A table of the plugin is not as the header demands; `reason` is a sentence without its full stop.
  case malformed(path: String, reason: String)
  /// The file is not named after the plugin.
  case fileName(path: String, id: String)
  /// Another file has brought a plugin of this id already.
  case duplicate(id: String, path: String, other: String)
  /// `what`: `layer`, `source`, ...; `owner`: who has the name already.
  case nameTaken(path: String, what: String, name: String, owner: String)
  /// No file of this id in any of the folders; `rejected` are those that were looked at.
  case notFound(id: String, folders: [String], rejected: [PluginError])
  case invalidID(String)
}

extension PluginError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notThere(let path): "\(path): there is no such file or folder"
    case .emptyFolder(let path, let rejected):
      "\(path): "
        + (rejected.isEmpty
          ? "no plugin is in this folder (a plugin is a file NAME.so or libNAME.so)"
          : "no plugin in this folder can be used")
        + rejected.map { "\nrejected: \($0)" }.joined()
    case .notALibrary(let path, let reason): "\(path): cannot be loaded: \(reason)"
    case .noEntry(let path):
      "\(path): is no plugin: it does not export workbench_plugin_main (see workbench_plugin.h)"
    case .refused(let path, let reason): "\(path): the plugin cannot be used here: \(reason)"
    case .version(let path, let plugin, let host):
      "\(path): was built for version \(plugin) of the plugin interface, but this workbench has version \(host) "
        + (plugin < host ? "(it must be built anew with today's workbench_plugin.h)" : "(it needs a newer workbench)")
    case .malformed(let path, let reason): "\(path): \(reason)"
    case .fileName(let path, let id):
      "\(path): holds the plugin '\(id)', so that the file must be named \(id).so or lib\(id).so"
    case .duplicate(let id, let path, let other): "\(path): the plugin '\(id)' has been loaded from \(other) already"
    case .nameTaken(let path, let what, let name, let owner):
      "\(path): its \(what) '\(name)' has a name that is taken by \(owner)"
    case .notFound(let id, let folders, let rejected):
      "there is no plugin '\(id)'; looked for \(id).so and lib\(id).so in"
        + (folders.isEmpty ? " no folder" : folders.map { "\n  \($0)" }.joined())
        + rejected.map { "\nrejected: \($0)" }.joined()
        + "\n(--plugin PATH loads a file; 'workbench plugins list' shows all that can be found)"
    case .invalidID(let id):
      "'\(id.prefix(80))' cannot be the name of a plugin: letters a to z, digits and _, at most 63, a letter first"
    }
  }
}
