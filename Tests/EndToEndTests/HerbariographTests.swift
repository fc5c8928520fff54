import Foundation
import TestSupport
import Testing

/// The published model through the program, as a curator uses it.
@Suite(.enabled(if: Golden.isAvailable, "shared/golden is absent"))
struct HerbariographTests {
  @Test("predict --format herbariograph gives, file by file, what TensorFlow's script wrote")
  func predictions() throws {
    let shared = try #require(Golden.sharedFolder)
    let place = try Workplace()
    let golden = try String(
      contentsOf: shared.appendingPathComponent("golden/training/herbariograph_n_predictions.tsv"), encoding: .utf8)
    let expected = golden.split(separator: "\n").dropFirst().map { $0.split(separator: "\t").map(String.init) }
    for row in expected {
      try FileManager.default.createDirectory(
        at: place.url(row[1]).deletingLastPathComponent(), withIntermediateDirectories: true)
      symlink(shared.appendingPathComponent("data/herb_kinds/\(row[1])").path, place.path(row[1]))
    }
    let labels = try JSONDecoder().decode(
      [String].self, from: Data(try #require(Golden.load("training/herbariograph_n_logits").metadata["labels"]).utf8))
    try place.write("labels.txt", labels.joined(separator: "\n") + "\n")
    let folders = Set(expected.map { String($0[1].prefix { $0 != "/" }) }).sorted()
    let model = shared.appendingPathComponent("models/ConvNeXt-distilled.keras").path
    let result = try Program.run(
      ["predict", model] + folders + [
        "--output", "p.tsv", "--labels", "labels.txt", "--format", "herbariograph",
      ], in: place.folder)
    #expect(result.status == 0, "\(result.errors)")
    let rows = try place.table("p.tsv")
    #expect(rows[0] == ["MODEL", "FILE", "PREDICTION"])
    #expect(rows.dropFirst().map { $0.dropFirst() } == expected.map { $0.dropFirst() })
    #expect(rows.dropFirst().allSatisfy { $0[0] == "ConvNeXt-distilled" })

    let numbers = try Program.run(["predict", model, folders[0], "--output", "n.tsv"], in: place.folder)
    #expect(numbers.status == 0)
    #expect(numbers.errors.components(separatedBy: "has no class names").count == 2, "\(numbers.errors)")
    #expect(Int(try place.table("n.tsv")[1][2]) != nil)
  }
}
