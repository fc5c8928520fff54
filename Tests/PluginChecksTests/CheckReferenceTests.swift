import Foundation
import PluginChecks
import Testing

@Suite struct CheckReferenceTests {
  @Test("docs/plugin-checks.md holds all checks")
  func committedReference() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/plugin-checks.md")
    let text = try String(contentsOf: url, encoding: .utf8)
    let head = try #require(
      text.range(of: "<!-- From here on made from the checks.*-->\n\n", options: .regularExpression))
    let expected = String(text[..<head.upperBound]) + PluginCheck.markdown
    if ProcessInfo.processInfo.environment["WORKBENCH_WRITE_DOCS"] != nil {
      try Data(expected.utf8).write(to: url)
    } else {
      #expect(text == expected)
    }
  }

  @Test("no two checks of one kind have the same name")
  func names() {
    let names = PluginCheck.all.flatMap { check in check.kinds.map { "\($0) \(check.name)" } }
    #expect(Set(names).count == names.count)
  }
}
