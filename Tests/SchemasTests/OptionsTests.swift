import Foundation
import Schemas
import Testing

@Suite("Options")
struct OptionsTests {
  static let schema = Schema(
    "conv2d", help: "",
    options: [
      OptionSchema("filters", .integer, required: true, minimum: 1, help: ""),
      OptionSchema("kernel", .either([.integer, .list(.integer)]), default: .integer(3), minimum: 1, help: ""),
      OptionSchema("padding", .choice(["valid", "same"]), default: .string("valid"), help: ""),
      OptionSchema("bias", .boolean, default: .boolean(true), help: ""),
      OptionSchema("rate", .number, default: .number(0.5), minimum: 0, maximum: 1, help: ""),
      OptionSchema("l2", .number, help: ""),
      OptionSchema("loss", .reference(["loss", "function"]), help: ""),
      OptionSchema("weights", .list(.number), help: ""),
      OptionSchema("extra", .table, help: ""),
      OptionSchema("name", .string, help: ""),
      OptionSchema("top", .integer, maximum: 9, help: ""),
    ])

  private func options(_ given: [String: OptionValue]) throws -> Options {
    try Options(given.merging(["filters": .integer(8)]) { first, _ in first }, schema: Self.schema)
  }

  private func message(_ given: [String: OptionValue]) -> String {
    do {
      _ = try Options(given, schema: Self.schema)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test("defaults are filled in, what has none stays absent")
  func defaults() throws {
    let options = try options([:])
    #expect(options.integer("filters") == 8)
    #expect(options.pair("kernel") == (3, 3))
    #expect(options.string("padding") == "valid")
    #expect(options.boolean("bias"))
    #expect(options.number("rate") == 0.5)
    #expect(options.optionalNumber("l2") == nil)
    #expect(options["l2"] == nil)
    #expect(options.numbers("weights").isEmpty)
  }

  @Test("a number that is whole serves as an integer, and an integer as a number")
  func conversions() throws {
    let options = try options([
      "filters": .number(16), "l2": .integer(2), "weights": .list([.integer(1), .number(0.5)]),
    ])
    #expect(options["filters"] == .integer(16))
    #expect(options["l2"] == .number(2))
    #expect(options.optionalNumber("l2") == 2)
    #expect(options.numbers("weights") == [1, 0.5])
  }

  @Test("one integer or a list of two")
  func pairs() throws {
    #expect(try options(["kernel": .list([.integer(1), .number(5)])]).pair("kernel") == (1, 5))
    #expect(try options(["kernel": .list([.integer(1), .integer(5)])]).integers("kernel") == [1, 5])
  }

  @Test("an empty Lua table is an empty list, and an empty list an empty table")
  func emptyTables() throws {
    #expect(try options(["weights": .table([:])])["weights"] == .list([]))
    #expect(try options(["extra": .list([])])["extra"] == .table([:]))
  }

  @Test(
    "the sentences",
    arguments: [
      (["filter": OptionValue.integer(8)], "conv2d: unknown option 'filter' (did you mean 'filters'?)"),
      (["zzz": .integer(8)], "conv2d: unknown option 'zzz'"),
      ([:], "conv2d: option 'filters' is required"),
      (["filters": .string("many")], "conv2d: option 'filters' must be an integer, not the string \"many\""),
      (["filters": .number(2.5)], "conv2d: option 'filters' must be an integer, not 2.5"),
      (["filters": .boolean(true)], "conv2d: option 'filters' must be an integer, not true"),
      (["filters": .number(1e300)], "conv2d: option 'filters' must be an integer, not 1e+300"),
      (["filters": .integer(0)], "conv2d: option 'filters' is 0, but must be 1 or more"),
      (
        ["filters": .integer(1), "padding": .string("sane")],
        "conv2d: option 'padding' must be 'valid' or 'same', not the string \"sane\""
      ),
      (["filters": .integer(1), "rate": .number(1.5)], "conv2d: option 'rate' is 1.5, but must be from 0 to 1"),
      (["filters": .integer(1), "rate": .number(.nan)], "conv2d: option 'rate' is nan, but must be from 0 to 1"),
      (["filters": .integer(1), "l2": .number(.infinity)], "conv2d: option 'l2' is inf, but must be a finite number"),
      (["filters": .integer(1), "top": .integer(10)], "conv2d: option 'top' is 10, but must be 9 or less"),
      (
        ["filters": .integer(1), "kernel": .list([.integer(3), .integer(0)])],
        "conv2d: option 'kernel' is 0, but must be 1 or more"
      ),
      (
        ["filters": .integer(1), "kernel": .list([.string("a")])],
        "conv2d: option 'kernel' must be an integer or a list of which each is an integer, not a list"
      ),
      (
        ["filters": .integer(1), "loss": .reference(kind: "node", id: 1)],
        "conv2d: option 'loss' must be a loss or a function, not a node"
      ),
      (
        ["filters": .integer(1), "loss": .reference(kind: "optimizer", id: 1)],
        "conv2d: option 'loss' must be a loss or a function, not an optimizer"
      ),
      (["filters": .integer(1), "name": .list([])], "conv2d: option 'name' must be a string, not a list"),
    ] as [([String: OptionValue], String)])
  func sentences(given: [String: OptionValue], expected: String) {
    #expect(message(given) == expected)
  }

  @Test("of several mistakes the first by name is reported, so that messages do not change from run to run")
  func order() {
    for _ in 0..<5 {
      #expect(
        message(["zzz": .integer(1), "aaa": .integer(1), "filters": .integer(0)]) == "conv2d: unknown option 'aaa'")
    }
  }

  @Test("values survive JSON and mean the same to the schema")
  func json() throws {
    let given: [String: OptionValue] = [
      "filters": .integer(1), "kernel": .list([.integer(3), .integer(5)]), "bias": .boolean(false),
      "rate": .number(1), "l2": .number(1e-4), "name": .string("a \"b\""),
      "extra": .table(["x": .list([.boolean(true)])]),
    ]
    let options = try options(given)
    let data = try JSONEncoder().encode(options.values)
    let back = try JSONDecoder().decode([String: OptionValue].self, from: data)
    #expect(try Options(back, schema: Self.schema) == options)
  }

  @Test("0 and 1 stay numbers in JSON, and do not become booleans")
  func jsonNumbers() throws {
    let back = try JSONDecoder().decode([OptionValue].self, from: Data("[0, 1, true, 2.5, -3]".utf8))
    #expect(back == [.integer(0), .integer(1), .boolean(true), .number(2.5), .integer(-3)])
  }
}
