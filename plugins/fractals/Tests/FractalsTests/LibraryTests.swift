import FractalsChecks
import Testing

/// The library's tests are in C, beside what they test: Tests/Checks.
@Suite("Fractals", .serialized) struct FractalsLibraryTests {
  struct Check: CustomTestStringConvertible {
    let number: Int32
    var testDescription: String { String(cString: check_name(number)) }
  }

  @Test("in C", arguments: (0..<check_count()).map(Check.init))
  func check(_ check: Check) {
    var text = [CChar](repeating: 0, count: 8192)
    let failures = check_run(check.number, &text, text.count)
    #expect(failures == 0, "\(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))")
  }
}
