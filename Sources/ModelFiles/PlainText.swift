/// A sentence with text from a file in it, with control characters, which could move a terminal's cursor, written as
/// `\u{1b}`.
func withoutControlCharacters(_ sentence: String) -> String {
  sentence.unicodeScalars.reduce(into: "") { text, scalar in
    if scalar.properties.generalCategory == .control {
      text += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      text.unicodeScalars.append(scalar)
    }
  }
}
