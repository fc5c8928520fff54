import Foundation
import PluginChecks
import TestSupport

/// The plugin of Tests/BrokenPlugins, sound or wrong in one way.
enum BrokenPlugin {
  static let path = BuiltPlugin.path("broken_plugins")

  /// The program that tries it, which lies beside it.
  static let command = [
    URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("plugin-check-child").path
  ]

  /// - Parameter defect: what is wrong; nil: nothing.
  static func check(
    _ defect: String?, only: [String] = [], shapes: [[Int]] = [], timeLimit: Double = 20, samples: [String] = []
  ) throws -> PluginCheckReport {
    let settings = PluginCheckSettings(shapes: shapes, samples: samples, only: only, timeLimit: timeLimit)
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
