/// What a person can say about a conformance run.
public struct PluginCheckSettings: Codable, Equatable, Sendable {
  /// Values that every layer and source with an option of that name gets: `path=/data`.
  public var options: [String: String]
  /// Input shapes to try beside the usual ones, for layers that take few.
  public var shapes: [[Int]]
  /// Files of the formats that the plugin's codecs read, beside those of the `samples` folder next to the plugin.
  public var samples: [String]
  /// Only these checks; empty: all.
  public var only: [String]
  /// How long a plugin may take for one step before it counts as hanging, in seconds.
  public var timeLimit: Double

  public init(
    options: [String: String] = [:], shapes: [[Int]] = [], samples: [String] = [], only: [String] = [],
    timeLimit: Double = 20
  ) {
    self.options = options
    self.shapes = shapes
    self.samples = samples
    self.only = only
    self.timeLimit = timeLimit
  }
}
