/// What a run asks of the process that tries the plugin.
struct CheckRequest: Codable, Sendable {
  var library: String
  /// nil: say what the plugin brings.
  var check: String?
  var subject: CheckSubject?
  var settings: PluginCheckSettings
  /// Whether `backward` gets inputs and output that its plan does not say that it reads; see `CheckContext`.
  var showsUndeclared: Bool?
}

/// One thing that a plugin brings.
struct CheckSubject: Codable, Equatable, Sendable {
  enum Kind: String, Codable, Sendable {
    case plugin, layer, override, source, codec
  }

  var kind: Kind
  /// Its place in the plugin's table.
  var index: Int
  var name: String

  static let plugin = CheckSubject(kind: .plugin, index: 0, name: "")

  var description: String { kind == .plugin ? "plugin" : "\(kind.rawValue) \(name)" }
}

/// What that process answers: one line of JSON each, of which exactly one field is there.
struct CheckMessage: Codable, Sendable {
  /// What is being done: the last one is what a crash interrupted.
  var doing: String?
  /// A sentence with the numbers.
  var failure: String?
  /// What a check has left out, and why.
  var note: String?
  /// Written by the signal handler: what memory was touched.
  var crash: String?
  var inventory: Inventory?
  /// The check is over; nil: there was something to try.
  var end: End?

  struct Inventory: Codable, Sendable {
    var id: String?
    var version: String?
    var subjects: [CheckSubject]
    /// What is wrong with the options that a person gave.
    var wrongOption: String?
  }

  struct End: Codable, Sendable {
    /// Why the check does not apply.
    var notApplicable: String?
  }

  /// Whether nothing comes after it.
  var isLast: Bool { end != nil || inventory != nil }
}
