import Foundation

/// The Lua modules that a recipe asks for, as texts: `require "lib.convnext"`.
struct RecipeModules {
  let folders: [String]

  /// - Returns: the text, and those of all modules that it requires, and they in turn.
  func text(with recipe: String) -> String {
    var texts = [recipe]
    var seen: Set<String> = []
    var place = 0
    while place < texts.count {
      for match in texts[place].matches(of: /require\s*\(?\s*["']([A-Za-z0-9_.]+)["']/)
      where seen.insert(String(match.1)).inserted {
        if let text = module(String(match.1)) { texts.append(text) }
      }
      place += 1
    }
    return texts.joined(separator: "\n")
  }

  private func module(_ name: String) -> String? {
    let file = "/" + name.replacingOccurrences(of: ".", with: "/") + ".lua"
    return folders.lazy.compactMap { try? String(contentsOfFile: $0 + file, encoding: .utf8) }.first
  }
}
