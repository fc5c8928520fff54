/// One question that a conformance run asks.
public struct PluginCheck: Sendable {
  public let name: String
  /// What it holds for: `layer`, `source`.
  public let kinds: [String]
  /// One line: what must hold.
  public let help: String

  let subjects: [CheckSubject.Kind]
  let run: @Sendable (CheckContext) throws -> Void

  init(
    _ name: String, _ subjects: [CheckSubject.Kind], help: String,
    run: @escaping @Sendable (CheckContext) throws -> Void
  ) {
    self.name = name
    self.subjects = subjects
    self.help = help
    self.run = run
    kinds = subjects.map(\.rawValue)
  }

  /// All checks, in the order in which they run.
  public static let all: [PluginCheck] = plugin + layer + source + codec

  static func named(_ name: String, for kind: CheckSubject.Kind) -> PluginCheck? {
    all.first { $0.name == name && $0.subjects.contains(kind) }
  }
}
