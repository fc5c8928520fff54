extension PluginCheck {
  /// The checks as docs/plugin-checks.md shows them: a table for each kind of thing that a plugin brings.
  public static var markdown: String {
    let kinds: [(CheckSubject.Kind, String)] = [
      (.plugin, "Every plugin"), (.layer, "Layers"), (.override, "Kernel overrides"), (.source, "Data sources"),
      (.codec, "Codecs"),
    ]
    return kinds.map { kind, title in
      let rows = all.filter { $0.subjects.contains(kind) }.map { "| `\($0.name)` | \($0.help) |\n" }.joined()
      return "## \(title)\n\n| check | passes when |\n|---|---|\n\(rows)"
    }.joined(separator: "\n")
  }
}
