import Foundation
import PluginChecks

/// The plugin of Tests/BrokenPlugins, sound or wrong in one way.
enum BrokenPlugin {
  /// Where the tests were built.
  static var products: URL {
    get throws {
      let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return URL(fileURLWithPath: program).deletingLastPathComponent()
    }
  }

  static var path: String {
    get throws { try products.appendingPathComponent("libbroken_plugins.so").path }
  }

  static var command: [String] {
    get throws { [try products.appendingPathComponent("plugin-check-child").path] }
  }

  /// - Parameter defect: what is wrong; nil: nothing.
  static func check(
    _ defect: String?, only: [String] = [], timeLimit: Double = 20, samples: [String] = []
  ) throws -> PluginCheckReport {
    let settings = PluginCheckSettings(samples: samples, only: only, timeLimit: timeLimit)
    return try PluginCheckRunner(
      path: path, settings: settings, command: command, environment: ["WORKBENCH_BROKEN": defect ?? ""]
    ).run()
  }

  /// A file of the format that its codec reads: 40 x 30 pixels.
  static func sample() throws -> String {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("workbench-plugin-checks-\(getpid()).tiny")
    if !FileManager.default.fileExists(atPath: file.path) {
      let pixels = (0..<40 * 30 * 3).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 120) }
      try (Data("TINY".utf8) + [40, 30] + pixels).write(to: file, options: .atomic)
    }
    return file.path
  }
}
