import Foundation
import Images
import ModelFiles
import Networks
import Tensors
import TestSupport
import Testing

/// The published model on picture files, against TensorFlow 2.13.
@Suite("Herbariograph", .enabled(if: Golden.isAvailable, "shared/golden is absent"))
struct HerbariographTests {
  @Test("from the JPEG files every logit is TensorFlow's within 1e-3, and every prediction the same")
  func jpegFiles() throws {
    let shared = try #require(Golden.sharedFolder)
    let golden = try Golden.load("training/herbariograph_n_logits")
    let files = try JSONDecoder().decode([String].self, from: Data(try #require(golden.metadata["files"]).utf8))
    let labels = try JSONDecoder().decode([String].self, from: Data(try #require(golden.metadata["labels"]).utf8))
    let predictions = try String(
      contentsOf: shared.appendingPathComponent("golden/training/herbariograph_n_predictions.tsv"), encoding: .utf8
    ).split(separator: "\n").dropFirst().map { $0.split(separator: "\t").map(String.init) }
    let pool = WorkerPool(workerCount: 2)
    let model = try Model.load(
      from: shared.appendingPathComponent("models/ConvNeXt-distilled.keras").path,
      importing: ImportOptions(labels: labels), pool: pool)
    #expect(model.preprocessing.decoder == .tensorflow)
    let plan = try InferencePlan(network: model.network, parameters: model.parameters, batch: 32, pool: pool)
    let count = model.preprocessing.count
    let pixels = Tensor([32, count])
    var worst: Float = 0
    for start in stride(from: 0, to: files.count, by: 32) {
      let rows = min(32, files.count - start)
      for row in 0..<rows {
        try model.preprocessing.read(
          file: shared.appendingPathComponent("data/herb_kinds/\(files[start + row])").path,
          into: pixels.pointer + row * count)
      }
      model.preprocessing.normalise(pixels.pointer, count: rows * count)
      let logits = try plan.forward(pixels: pixels.pointer, count: rows)
      for row in 0..<rows {
        let found = (0..<17).map { logits[row * 17 + $0] }
        let expected = golden.values("logits")[(start + row) * 17..<(start + row + 1) * 17]
        for (a, b) in zip(found, expected) { worst = max(worst, abs(a - b)) }
        let best = try #require(found.indices.max { found[$0] < found[$1] })
        #expect(predictions[start + row][1...2] == [files[start + row], labels[best]])
      }
    }
    #expect(files.count == 96)
    #expect(worst < 1e-3, "\(worst)")
  }
}
