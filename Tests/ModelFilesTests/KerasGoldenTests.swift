import Foundation
import Images
import ModelFiles
import Networks
import TestSupport
import Tensors
import Testing

/// Files of Keras 2.13 itself.
@Suite("models of Keras", .enabled(if: Golden.isAvailable, Comment(rawValue: Golden.absent)))
struct KerasGoldenTests {
  private let pool = WorkerPool.shared(workerCount: 2)

  private func path(_ name: String) throws -> String {
    try #require(Golden.sharedFolder).appendingPathComponent(name).path
  }

  private let published = "models/ConvNeXt-distilled.keras"

  @Test("from the stored pixels the published model gives every logit within 1e-4")
  func publishedLogits() throws {
    let golden = try Golden.load("training/herbariograph_n_logits")
    let model = try Model.load(from: path(published), pool: pool)
    let pictures = golden.shape("pixels")[0]
    let logits = try allLogits(model, pixels: golden.values("pixels"), count: pictures, pool: pool)
    #expect(logits.count == pictures * 17)
    var worst: Float = 0
    for (found, expected) in zip(logits, golden.values("logits")) { worst = max(worst, abs(found - expected)) }
    #expect(worst <= 1e-4, "the worst logit is off by \(worst)")
  }

  @Test("the published model has its size from its crop, TensorFlow's preprocessing, and class numbers")
  func publishedDescription() throws {
    let model = try Model.load(from: path(published), pool: pool)
    #expect(model.network.parameterCount == 955_385)
    #expect(model.preprocessing == .tensorflow(height: 96, width: 96))
    #expect(model.name == "ConvNeXt-distilled")
    #expect(!model.hasClassNames)
    #expect(model.classes == (0..<17).map(String.init))
    #expect(try model.network.node(named: "convNeXt2_block8_5x5_dconv2D").shape == [6, 6, 96])
    #expect(model.provenance["imported from"] == "ConvNeXt-distilled.keras (Keras 2.13.1)")
    let description = try ModelDescription(path: path(published))
    #expect(LayerTable(description.network).text == LayerTable(model.network).text)
  }

  @Test("labels, size, fit and name are taken over, and kept by a safetensors file")
  func importing() throws {
    let labels = (0..<17).map { "class \($0)" }
    let options = ImportOptions(size: PictureSize(height: 128, width: 96), labels: labels, fit: .pad, name: "N")
    let model = try Model.load(from: path(published), importing: options, pool: pool)
    #expect(model.preprocessing.height == 128)
    #expect(model.preprocessing.fit == .pad)
    #expect(model.classes == labels)
    #expect(model.hasClassNames)
    let folder = try TemporaryFolder()
    try model.save(to: folder.file("n.safetensors"), pool: pool)
    let loaded = try Model.load(from: folder.file("n.safetensors"), pool: pool)
    #expect(loaded.classes == labels)
    #expect(loaded.hasClassNames)
    #expect(loaded.name == "N")
    #expect(loaded.preprocessing == model.preprocessing)
  }

  @Test("a model without a size of its own asks for one, and takes any")
  func size() throws {
    let start = try path("golden/training/small_convnext_start.keras")
    #expect(throws: ModelFileError.keras(path: start, .sizeNeeded)) { try Model.load(from: start, pool: pool) }
    for side in [32, 40] {
      let options = ImportOptions(size: PictureSize(height: side, width: side))
      #expect(try Model.load(from: start, importing: options, pool: pool).network.inputShape == [side, side, 3])
    }
  }

  @Test(
    "a model of Keras goes to safetensors, and to .keras, and back without a changed bit",
    arguments: [
      ("golden/training/small_convnext_start.keras", 32), ("golden/training/small_convnext_after8.keras", 32),
      ("models/ConvNeXt-distilled.keras", 96),
    ])
  func conversions(name: String, side: Int) throws {
    let folder = try TemporaryFolder()
    let options = ImportOptions(size: PictureSize(height: side, width: side))
    let first = try Model.load(from: path(name), importing: options, pool: pool)
    try first.save(to: folder.file("a.safetensors"), pool: pool)
    let second = try Model.load(from: folder.file("a.safetensors"), pool: pool)
    try second.save(to: folder.file("a.keras"), pool: pool)
    let third = try Model.load(from: folder.file("a.keras"), pool: pool)
    expectSameModel(third, first)
    try third.save(to: folder.file("b.keras"), pool: pool)
    #expect(try folder.data("a.keras") == folder.data("b.keras"))
  }

  @Test("the training run's network keeps its L2, and its loss begins as Keras' did")
  func regularisation() throws {
    let options = ImportOptions(size: PictureSize(height: 32, width: 32))
    let model = try Model.load(
      from: path("golden/training/small_convnext_start.keras"), importing: options, pool: pool)
    for entry in model.parameters.entries where entry.name.hasSuffix("conv2D.kernel") {
      #expect(abs(entry.spec.l2 - 1e-4) < 1e-9, "\(entry.name)")
    }
    #expect(model.parameters.entries.filter { $0.spec.l2 > 0 }.count > 10)
  }
}

/// The logits of `count` pictures, in batches of at most 8.
func allLogits(_ model: Model, pixels: [Float], count: Int, pool: WorkerPool) throws -> [Float] {
  let batch = min(8, count)
  let plan = try InferencePlan(network: model.network, parameters: model.parameters, batch: batch, pool: pool)
  let size = model.network.inputShape.count
  var result: [Float] = []
  var first = 0
  try pixels.withUnsafeBufferPointer { buffer in
    let base = try #require(buffer.baseAddress)
    while first < count {
      let now = min(batch, count - first)
      let logits = try plan.forward(pixels: base + first * size, count: now)
      result += Array(UnsafeBufferPointer(start: logits, count: now * model.network.classCount))
      first += now
    }
  }
  return result
}

/// The same layers by name, type, shape and feeds, and the same bits.
func expectSameModel(_ found: Model, _ expected: Model, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(found.name == expected.name, sourceLocation: sourceLocation)
  #expect(found.classes == expected.classes, sourceLocation: sourceLocation)
  #expect(found.hasClassNames == expected.hasClassNames, sourceLocation: sourceLocation)
  #expect(found.preprocessing == expected.preprocessing, sourceLocation: sourceLocation)
  let tables = [found, expected].map { LayerTable($0.network).text }
  #expect(tables[0] == tables[1], sourceLocation: sourceLocation)
  let feeds = [found, expected].map { model in
    model.network.nodes.map { node in ([node.name] + node.inputs.map { model.network.nodes[$0].name }) }
  }
  #expect(feeds[0] == feeds[1], sourceLocation: sourceLocation)
  let entries = [found, expected].map(\.parameters.entries)
  #expect(entries[0].map(\.name) == entries[1].map(\.name), sourceLocation: sourceLocation)
  for (a, b) in zip(entries[0], entries[1]) {
    #expect(a.spec.l2 == b.spec.l2, sourceLocation: sourceLocation)
    #expect(
      a.tensor.values.map(\.bitPattern) == b.tensor.values.map(\.bitPattern), "\(a.name)",
      sourceLocation: sourceLocation)
  }
}
