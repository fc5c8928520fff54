import Foundation
import Recipes
import Testing

@Suite struct ReferenceTests {
  /// After a change of a schema: `WORKBENCH_WRITE_DOCS=1 swift test -c release --filter ReferenceTests`.
  @Test("docs/recipes.md holds the options that the schemas declare")
  func committedReference() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/recipes.md")
    let text = try String(contentsOf: url, encoding: .utf8)
    let marker = "<!-- From here on made from the schemas. -->\n\n"
    let head = try #require(text.range(of: marker))
    let expected = String(text[..<head.upperBound]) + RecipeReference.markdown
    if ProcessInfo.processInfo.environment["WORKBENCH_WRITE_DOCS"] != nil {
      try Data(expected.utf8).write(to: url)
    } else {
      #expect(text == expected)
    }
  }
}
