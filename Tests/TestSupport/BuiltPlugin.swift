import Foundation

/// The plugins that the package builds, which lie beside the tests.
public enum BuiltPlugin {
  /// The file of a plugin, by its id.
  public static func path(_ id: String) -> String {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("lib\(id).so").path
  }
}
