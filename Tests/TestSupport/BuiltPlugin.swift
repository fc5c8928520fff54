import Foundation

/// The plugins that the package builds, which lie beside the tests.
public enum BuiltPlugin {
  /// The file of a plugin, by its id.
  public static func path(_ id: String) -> String {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    // The tests run in the bundle itself, or in a program of the toolchain, which is given the bundle.
    let files = ([bundle] + CommandLine.arguments).map { candidate in
      URL(fileURLWithPath: candidate).deletingLastPathComponent().appendingPathComponent("lib\(id).so").path
    }
    return files.first { FileManager.default.fileExists(atPath: $0) } ?? files[0]
  }
}
