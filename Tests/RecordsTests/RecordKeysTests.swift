import Foundation
import Records
import Testing

@Suite("guessing the keys of records")
struct RecordKeysTests {
  private static let jpeg = RecordValue.data(Data([0xff, 0xd8, 0xff, 0xe0]))
  private static let png = RecordValue.data(Data([0x89, 0x50, 0x4e, 0x47]))

  private func guess(_ record: [String: RecordValue], wantsLabel: Bool = true) throws -> RecordKeys {
    try RecordKeys(wantsLabel: wantsLabel, guessing: try RecordBytes().write([record]))
  }

  @Test("the picture is the only feature that begins like one, the class the only one with a usual name")
  func unambiguous() throws {
    #expect(
      try guess(["p": Self.png, "file": .text("a.png"), "label": .text("oak"), "width": .integer(3)])
        == RecordKeys(image: "p", label: "label"))
    #expect(
      try guess([
        "a": Self.jpeg, "image/encoded": Self.jpeg, "image/class/label": .integer(1), "image/class/text": .text("x"),
      ])
        == RecordKeys(image: "image/encoded", label: "image/class/label"))
    #expect(try guess(["image": Self.jpeg], wantsLabel: false) == RecordKeys(image: "image", label: nil))
  }

  @Test("what is unclear is an error that lists the keys")
  func ambiguous() throws {
    func reason(_ record: [String: RecordValue]) -> String {
      do {
        _ = try guess(record)
        return "none"
      } catch let error as RecordError {
        return error.reason
      } catch {
        return "\(error)"
      }
    }
    #expect(
      reason(["image": Self.jpeg, "category": .integer(0), "label": .integer(0)])
        == "several features may be the class: 'category', 'label'; choose one with label_key (--label-key)")
    #expect(
      reason(["a": Self.jpeg, "b": Self.png, "label": .integer(0)])
        == "several features may be the picture: 'a', 'b'; choose one with image_key (--image-key)")
    #expect(
      reason(["image": Self.jpeg, "kind": .integer(0)])
        == "which feature of the first record is the class? It has 'image' (bytes), 'kind' (int64); say so with label_key "
        + "(--label-key)")
    #expect(
      reason(["image": .data(Data(count: 27)), "label": .integer(0)])
        == "no feature of the first record holds a picture file such as a JPEG (raw pixels are not read); it has 'image' "
        + "(bytes), 'label' (int64)")
  }

  @Test("keys that are given are taken as they are")
  func given() throws {
    let file = try RecordBytes().write([["x": Self.jpeg, "label": .integer(0)]])
    #expect(try RecordKeys(image: "y", label: "z", guessing: file) == RecordKeys(image: "y", label: "z"))
    #expect(try RecordKeys(image: "y", guessing: file) == RecordKeys(image: "y", label: "label"))
  }

  @Test("a damaged first record does not matter to the guess")
  func damagedFirst() throws {
    let file = try RecordBytes().damage { data, _ in data[20] ^= 1 }
    #expect(try RecordKeys(guessing: file) == RecordKeys())
  }
}
