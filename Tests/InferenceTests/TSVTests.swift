import Inference
import Testing

@Suite("TSV")
struct TSVTests {
  static let table: [(bytes: [UInt8], text: String)] = [
    (Array("plain name.jpg".utf8), "plain name.jpg"),
    ([], ""),
    (Array("a\tb\nc\rd".utf8), #"a\tb\nc\rd"#),
    (Array(#"C:\new"#.utf8), #"C:\\new"#),
    (Array("Löwenzahn 🌿".utf8), "Löwenzahn 🌿"),
    ([0x61, 0xff, 0x62], #"a\xFFb"#),
    ([0xc3], #"\xC3"#),
    ([0xe2, 0x82], #"\xE2\x82"#),
    // Overlong and surrogate forms are not UTF-8.
    ([0xc0, 0xaf], #"\xC0\xAF"#),
    ([0xed, 0xa0, 0x80], #"\xED\xA0\x80"#),
    ([0xf4, 0x90, 0x80, 0x80], #"\xF4\x90\x80\x80"#),
    ([0xe2, 0x82, 0xac, 0x09], "€" + #"\t"#),
    ([0x07], "\u{7}"),
    ([0x61, 0, 0x62], #"a\x00b"#),
  ]

  @Test("every field is escaped as the table says, and turns back into its bytes", arguments: 0..<table.count)
  func escaping(row: Int) {
    let (bytes, text) = TSVTests.table[row]
    #expect(TSV.escaped(bytes) == text)
    #expect(TSV.unescaped(text) == bytes)
  }

  @Test("a backslash that begins nothing known is refused", arguments: [#"a\"#, #"\q"#, #"\x"#, #"\x1"#, #"\xzz"#])
  func badEscape(text: String) {
    #expect(TSV.unescaped(text) == nil)
  }

  @Test("a line joins escaped fields by tabs")
  func line() {
    #expect(TSV.line(["a\tb", "", "c"]) == "a\\tb\t\tc")
  }

  @Test("the header names as many classes as a row has")
  func header() {
    #expect(Prediction.header(top: 2) == "file\tstatus\tclass\tprobability\tclass_2\tprobability_2\tmessage")
    #expect(Prediction.header(top: 1) == "file\tstatus\tclass\tprobability\tmessage")
  }
}
