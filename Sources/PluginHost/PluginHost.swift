import Foundation
import Layers
import Synchronization

/// Finds plugins, loads them, and makes known what they bring. Nothing is loaded that nobody asked for.
///
///     try PluginHost.shared.load(path: "build/gem_pooling.so")     // --plugin
///     let plugin = try PluginHost.shared.plugin("gem_pooling")     // wb.plugin, a model file
public final class PluginHost: Sendable {
  /// The plugins of this process.
  public static let shared = PluginHost(folders: PluginFolders.standard())

  private struct State {
    var folders: [String]
    /// In the order in which they were loaded.
    var libraries: [PluginLibrary] = []
    /// What became of each file that was tried, by its path without links: no file is loaded twice.
    var outcomes: [String: Result<PluginLibrary, PluginError>] = [:]
  }

  private let state: Mutex<State>

  /// - Parameter folders: where `plugin(_:)` looks, in this order.
  public init(folders: [String]) { state = Mutex(State(folders: folders)) }

  /// Where plugins are looked for; folders that do not exist included.
  public var folders: [String] { state.withLock { $0.folders } }

  /// The plugins that are loaded, in the order in which they were.
  public var libraries: [PluginLibrary] { state.withLock { $0.libraries } }

  /// The plugin of that id when it is loaded.
  public func loaded(_ id: String) -> PluginLibrary? { libraries.first { $0.id == id } }

  /// The plugin of that file when it is loaded.
  public func loaded(path: String) -> PluginLibrary? {
    guard let key = try? PluginHost.key(of: path) else { return nil }
    return state.withLock { try? $0.outcomes[key]?.get() }
  }

  /// Loads one file.
  @discardableResult
  public func load(file: String) throws(PluginError) -> PluginLibrary { try open(file) }

  /// Loads a file, or all plugins in a folder, which is then searched before all others.
  ///
  /// - Returns: what was loaded, and why other files of the folder were not.
  /// - Throws: `PluginError`, for a folder when nothing in it could be loaded.
  @discardableResult
  public func load(path: String) throws(PluginError) -> (libraries: [PluginLibrary], rejected: [PluginError]) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw .notThere(path: path) }
    guard isFolder.boolValue else { return ([try open(path)], []) }
    let folder = URL(fileURLWithPath: path).standardizedFileURL.path
    state.withLock { if !$0.folders.contains(folder) { $0.folders.insert(folder, at: 0) } }
    let (libraries, rejected) = survey(folders: [folder])
    if libraries.isEmpty { throw .emptyFolder(path: path, rejected: rejected) }
    return (libraries, rejected)
  }

  /// The plugin of that id, from the first of the folders that has a file of its name which can be loaded.
  ///
  /// - Throws: `PluginError.notFound` with all that was looked at, or `.invalidID`.
  public func plugin(_ id: String) throws(PluginError) -> PluginLibrary {
    guard PluginTableReader.isName(id) else { throw .invalidID(id) }
    if let library = loaded(id) { return library }
    var rejected: [PluginError] = []
    let folders = folders
    for file in folders.flatMap({ PluginFolders.files(of: id, in: $0) }) {
      do throws(PluginError) { return try open(file) } catch { rejected.append(error) }
    }
    throw .notFound(id: id, folders: folders, rejected: rejected)
  }

  /// Loads every plugin of every folder, and says why others cannot be.
  public func survey() -> (libraries: [PluginLibrary], rejected: [PluginError]) { survey(folders: folders) }

  private func survey(folders: [String]) -> (libraries: [PluginLibrary], rejected: [PluginError]) {
    var libraries: [PluginLibrary] = []
    var rejected: [PluginError] = []
    for file in folders.flatMap(PluginFolders.files(in:)) {
      do throws(PluginError) {
        let library = try open(file)
        if !libraries.contains(where: { $0 === library }) { libraries.append(library) }
      } catch {
        rejected.append(error)
      }
    }
    return (libraries, rejected)
  }

  /// Loads a file once; the second time it is what it was the first.
  private func open(_ path: String) throws(PluginError) -> PluginLibrary {
    let key = try PluginHost.key(of: path)
    // Under the lock: loading runs code of the plugin that must not run twice.
    let outcome = state.withLock { state in
      if let outcome = state.outcomes[key] { return outcome }
      let outcome = Result { () throws(PluginError) in
        let library = try PluginLibrary(path: path)
        try PluginHost.register(library, beside: state.libraries)
        return library
      }
      state.outcomes[key] = outcome
      if case .success(let library) = outcome { state.libraries.append(library) }
      return outcome
    }
    return try outcome.get()
  }

  /// The path without links.
  private static func key(of path: String) throws(PluginError) -> String {
    guard let real = realpath(path, nil) else { throw .notThere(path: path) }
    defer { free(real) }
    return String(cString: real)
  }

  /// Makes known what the plugin brings: all of it, or nothing.
  private static func register(_ library: PluginLibrary, beside others: [PluginLibrary]) throws(PluginError) {
    if let other = others.first(where: { $0.id == library.id }) {
      throw .duplicate(id: library.id, path: library.path, other: other.path)
    }
    for other in others {
      for (what, own, taken) in [
        ("source", library.sources.map(\.name), other.sources.map(\.name)),
        ("codec", library.codecs.map(\.name), other.codecs.map(\.name)),
      ] {
        guard let name = own.first(where: taken.contains) else { continue }
        throw .nameTaken(path: library.path, what: what, name: name, owner: "the plugin '\(other.id)'")
      }
    }
    do throws(RegistryError) {
      try LayerRegistry.register(library.layers.map { PluginLayer.kind($0, of: library) })
    } catch {
      guard case .taken(_, let name, let plugin) = error else { return }
      throw .nameTaken(
        path: library.path, what: "layer", name: name, owner: plugin.map { "the plugin '\($0)'" } ?? "a built-in layer")
    }
    try library.registerCodecs()
    for override in library.overrides { PluginOverride.register(override, of: library) }
  }
}
