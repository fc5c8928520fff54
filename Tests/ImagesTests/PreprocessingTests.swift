import Foundation
import Images
import Schemas
import Testing

@Suite("Preprocessing") struct PreprocessingTests {
  @Test("what is stored is read back, under stable names")
  func codable() throws {
    let preprocessing = Preprocessing(
      height: 96, width: 128, decoder: .tensorflow, dctScaling: false, resize: .bilinear, fit: .pad,
      padColour: [1, 2, 3], rounded: false, range: [-1, 1])
    let data = try JSONEncoder().encode(preprocessing)
    #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == preprocessing)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      object.keys.sorted() == [
        "dct_scaling", "decoder", "fit", "height", "pad_colour", "range", "resize", "rounded", "width",
      ])
    #expect(object["decoder"] as? String == "tensorflow")
  }

  @Test(
    "a stored preprocessing that cannot be is refused",
    arguments: [
      ("\"height\":96", "\"height\":0"), ("\"height\":96", "\"height\":-5"), ("\"height\":96", "\"height\":1e9"),
      ("\"height\":96", "\"height\":\"96\""), ("\"width\":128", "\"width\":16385"), ("\"width\":128,", ""),
      ("[1,2,3]", "[1,2]"), ("[1,2,3]", "[1,2,300]"), ("[1,2,3]", "[1,2,-3]"), ("[-1,1]", "[1,1]"),
      ("[-1,1]", "[-1]"), ("[-1,1]", "[-1,1e39]"), ("\"area\"", "\"lanczos\""), ("\"stretch\"", "\"squeeze\""),
      ("true", "1.5"),
    ])
  func hostile(old: String, new: String) throws {
    let good = """
      {"height":96,"width":128,"decoder":"accurate","dct_scaling":true,"resize":"area","fit":"stretch",\
      "pad_colour":[1,2,3],"rounded":true,"range":[-1,1]}
      """
    _ = try JSONDecoder().decode(Preprocessing.self, from: Data(good.utf8))
    let bad = good.replacingOccurrences(of: old, with: new)
    #expect(bad != good)
    #expect(throws: (any Error).self) { try JSONDecoder().decode(Preprocessing.self, from: Data(bad.utf8)) }
  }

  @Test("a recipe's options become a preprocessing")
  func options() throws {
    let schema = Schema("folder", help: "", options: Preprocessing.optionSchemas)
    func preprocessing(_ given: [String: OptionValue]) throws -> Preprocessing {
      try Preprocessing(options: Options(given, schema: schema))
    }
    #expect(try preprocessing(["size": .integer(256)]) == Preprocessing(height: 256, width: 256))
    let all = try preprocessing([
      "size": .list([.integer(64), .integer(32)]), "decoder": .string("tensorflow"), "dct_scaling": .boolean(false),
      "resize": .string("bilinear"), "fit": .string("crop"),
      "pad_colour": .list([.integer(0), .integer(0), .integer(9)]),
      "rounded": .boolean(false), "range": .list([.integer(-1), .integer(1)]),
    ])
    #expect(
      all
        == Preprocessing(
          height: 64, width: 32, decoder: .tensorflow, dctScaling: false, resize: .bilinear, fit: .crop,
          padColour: [0, 0, 9], rounded: false, range: [-1, 1]))
    #expect(throws: PreprocessingError.sizeCount(3)) {
      try preprocessing(["size": .list([.integer(1), .integer(2), .integer(3)])])
    }
    #expect(throws: PreprocessingError.padColour(count: 1)) {
      try preprocessing(["size": .integer(8), "pad_colour": .list([.integer(1)])])
    }
    #expect(throws: PreprocessingError.range([1, 0])) {
      try preprocessing(["size": .integer(8), "range": .list([.number(1), .number(0)])])
    }
    #expect(throws: OptionError.self) { try preprocessing(["size": .integer(0)]) }
    #expect(
      "\(PreprocessingError.size(height: 0, width: 8))"
        == "a picture size of 0 x 8 cannot be: sides are from 1 to 16384, with at most 67108864 pixels")
  }
}
