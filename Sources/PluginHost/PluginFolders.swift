import Foundation

/// Where plugins lie, and what their files are called.
public enum PluginFolders {
  public static let variable = "WORKBENCH_PLUGIN_PATH"

  /// The folders that are searched, in this order: those of `WORKBENCH_PLUGIN_PATH`, the user's, the installation's.
  ///
  /// - Parameter program: the running binary; nil: as the system says.
  public static func standard(
    environment: [String: String] = ProcessInfo.processInfo.environment, program: String? = nil
  ) -> [String] {
    var folders = (environment[variable] ?? "").split(separator: ":").map(String.init)
    if let home = environment["HOME"], !home.isEmpty { folders.append(home + "/.local/share/workbench/plugins") }
    let program = program ?? (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    if let program {
      let beside = URL(fileURLWithPath: program).deletingLastPathComponent()
      // <prefix>/bin/workbench; where SwiftPM builds, the libraries lie beside the program.
      folders += [
        beside.deletingLastPathComponent().appendingPathComponent("lib/workbench/plugins").path, beside.path,
      ]
    }
    var seen: Set<String> = []
    return folders.map { URL(fileURLWithPath: $0).standardizedFileURL.path }.filter { seen.insert($0).inserted }
  }

  /// The files of a folder that may hold the plugin of that id.
  static func files(of id: String, in folder: String) -> [String] {
    (names(of: id) + inside(id)).map { "\(folder)/\($0)" }.filter(FileManager.default.fileExists(atPath:))
  }

  /// All files of a folder that may be plugins, by their names.
  static func files(in folder: String) -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let ids = entries.sorted().flatMap { entry -> [String] in
      if PluginTableReader.isName(entry) { return inside(entry) }
      guard entry.hasSuffix(".so") else { return [] }
      let stem = String(entry.dropLast(3))
      let isNamed =
        PluginTableReader.isName(stem)
        || stem.hasPrefix("lib") && PluginTableReader.isName(String(stem.dropFirst(3)))
      return isNamed ? [entry] : []
    }
    // The folder of one plugin, in which `swift build` leaves the library further down.
    let own = inside(URL(fileURLWithPath: folder).lastPathComponent).filter { $0.contains("/.build/") }
      .map { String($0.drop { $0 != "/" }.dropFirst()) }
    var seen: Set<String> = []
    return (ids + own).map { "\(folder)/\($0)" }.filter {
      seen.insert($0).inserted && FileManager.default.fileExists(atPath: $0)
    }
  }

  private static func names(of id: String) -> [String] { ["\(id).so", "lib\(id).so"] }

  /// In the folder that `workbench plugins new` makes.
  private static func inside(_ id: String) -> [String] {
    names(of: id).map { "\(id)/\($0)" } + ["\(id)/.build/release/lib\(id).so"]
  }
}
