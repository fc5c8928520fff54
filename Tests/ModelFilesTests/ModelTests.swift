import Foundation
import Images
import Layers
import ModelFiles
import Networks
import Schemas
import TestSupport
import Tensors
import Testing

@Suite("model file")
struct ModelTests {
  private let folder: TemporaryFolder
  private let pool = WorkerPool.shared(workerCount: 1)

  init() throws { folder = try TemporaryFolder() }

  private func network(filters: Int = 2, size: Int = 8) throws -> Network {
    var builder = NetworkBuilder()
    var node = try builder.input([size, size, 3])
    let layers: [(String, [String: OptionValue])] = [
      ("conv2d", ["filters": .integer(filters), "kernel": .integer(3), "l2": .number(1e-4)]), ("batch_norm", [:]),
      ("relu", [:]), ("global_average_pool", [:]), ("linear", ["units": .integer(2)]), ("softmax", [:]),
    ]
    for (type, options) in layers {
      node = try builder.add(LayerRegistry.layer(named: type, options: options), inputs: [node])
    }
    return try builder.network(output: node)
  }

  private func preprocessing(size: Int = 8) -> Preprocessing {
    Preprocessing(
      height: size, width: size, decoder: .accurate, dctScaling: true, resize: .area, fit: .stretch,
      padColour: [1, 2, 3], rounded: true, range: [-1, 1])
  }

  private func model(filters: Int = 2, seed: Int = 1) throws -> Model {
    let network = try network(filters: filters)
    return try Model(
      name: "stained", network: network, parameters: ParameterSet(network: network, key: RandomKey(seed: seed)),
      classes: ["clubmoss \"é\"", "spikemoss"], preprocessing: preprocessing(),
      provenance: ["seed": "1", "recipe": "r"])
  }

  @Test("what a person says of a file is checked in its description as in the model")
  func importOptions() throws {
    let path = folder.file("a")
    try model().save(to: path, pool: pool)
    let wrong: [(ImportOptions, ModelFileError)] = [
      (
        ImportOptions(size: PictureSize(height: 8, width: 9)),
        .sizeFixed(
          model: "stained", size: PictureSize(height: 8, width: 8), wanted: PictureSize(height: 8, width: 9))
      ),
      (ImportOptions(labels: ["a"]), .classCount(model: "stained", classes: 1, logits: 2)),
      (ImportOptions(labels: ["a", "a"]), .classNames(model: "stained", name: "a")),
      (ImportOptions(labels: ["a", ""]), .classNames(model: "stained", name: "")),
    ]
    for (options, error) in wrong {
      #expect(throws: error) { try ModelDescription(path: path, importing: options) }
      #expect(throws: error) { try Model.load(from: path, importing: options, pool: pool) }
    }
    let right = ImportOptions(labels: ["a", "b"], fit: .pad, name: "n")
    let description = try ModelDescription(path: path, importing: right)
    #expect(description.classes == ["a", "b"])
    #expect(description.name == "n")
    #expect(description.preprocessing.fit == .pad)
    #expect(try Model.load(from: path, importing: right, pool: pool).classes == ["a", "b"])
  }

  @Test("everything is read back, and saved again to the same bytes")
  func roundTrip() throws {
    let model = try model()
    try model.save(to: folder.file("a"), pool: pool)
    let loaded = try Model.load(from: folder.file("a"), pool: pool)
    #expect(loaded.name == model.name)
    #expect(loaded.classes == model.classes)
    #expect(loaded.preprocessing == model.preprocessing)
    #expect(loaded.provenance == model.provenance)
    #expect(LayerTable(loaded.network).text == LayerTable(model.network).text)
    for (a, b) in zip(loaded.parameters.entries, model.parameters.entries) {
      #expect(a.name == b.name)
      #expect(a.spec.l2 == b.spec.l2)
      expectSameBits(a.tensor.values, b.tensor.values, a.name)
    }
    try loaded.save(to: folder.file("b"), pool: .shared(workerCount: 2))
    #expect(try folder.data("a") == folder.data("b"))
    let description = try ModelDescription(path: folder.file("a"))
    #expect(description.name == "stained")
    #expect(description.classes == model.classes)
  }

  @Test("a file cut short at any length is refused")
  func cutShort() throws {
    try model().save(to: folder.file("a"), pool: pool)
    let data = try folder.data("a")
    let lengths = Array(0..<20) + Array(stride(from: 20, to: data.count, by: 97)) + [data.count - 1]
    for length in lengths {
      let path = try folder.write(data.prefix(length), "cut")
      #expect(throws: ModelFileError.self, "\(length) of \(data.count) bytes") {
        try Model.load(from: path, pool: pool)
      }
    }
    let path = try folder.write(data + Data([0]), "longer")
    #expect(throws: ModelFileError.self) { try Model.load(from: path, pool: pool) }
  }

  @Test("a changed byte anywhere is noticed", arguments: [UInt8(0x01), 0x20, 0x80, 0xff])
  func flippedByte(mask: UInt8) throws {
    try model().save(to: folder.file("a"), pool: pool)
    var data = try folder.data("a")
    for place in stride(from: Int(mask) % 3, to: data.count, by: 3) {
      data[place] ^= mask
      let path = try folder.write(data, "flipped-\(mask)")
      #expect(throws: ModelFileError.self, "byte \(place) of \(data.count)") {
        try Model.load(from: path, pool: pool)
      }
      data[place] ^= mask
    }
  }

  /// The model's file with other tensors or other metadata, and right checksums.
  private func rewritten(
    _ name: String, _ change: (inout [(name: String, tensor: Tensor)], inout [String: String]) throws -> Void
  ) throws -> String {
    let model = try model()
    try model.save(to: folder.file("original"), pool: pool)
    var metadata = try SafeTensorsFile(path: folder.file("original")).metadata
    var tensors = model.parameters.entries.map { (name: $0.name, tensor: $0.tensor) }
    try change(&tensors, &metadata)
    try SafeTensorsFile.write(tensors, metadata: metadata, to: folder.file(name))
    return folder.file(name)
  }

  private func expectRefusal(
    _ path: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ModelFileError.self, sourceLocation: sourceLocation) {
      try Model.load(from: path, pool: pool)
    }
    #expect(error?.description == message, sourceLocation: sourceLocation)
  }

  @Test("tensors of another network are refused with both shapes")
  func otherNetwork() throws {
    let other = try rewritten("other") { tensors, _ in
      tensors = try model(filters: 4).parameters.entries.map { ($0.name, $0.tensor) }
    }
    expectRefusal(other, "conv2d_1.kernel: the network wants [3, 3, 3, 2], \(other) holds [3, 3, 3, 4].")
    let less = try rewritten("less") { tensors, _ in tensors.removeLast() }
    expectRefusal(less, "linear_1.bias: the network wants it, but \(less) does not hold it")
    let more = try rewritten("more") { tensors, _ in tensors.append(("conv2d_1.bia", Tensor([1]))) }
    expectRefusal(
      more,
      "conv2d_1.bia: \(more) holds it, but the network has no such parameter (did you mean 'conv2d_1.bias'?)")
  }

  @Test("other numbers under right checksums are noticed by the stored logits")
  func verification() throws {
    let path = try rewritten("other") { tensors, _ in
      tensors = try model(seed: 2).parameters.entries.map { ($0.name, $0.tensor) }
    }
    let error = #expect(throws: ModelFileError.self) { try Model.load(from: path, pool: pool) }
    guard case .verification(path, 0, _, _)? = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
  }

  @Test("metadata that is missing, of another type or from the future is refused with its key")
  func badMetadata() throws {
    let plain = folder.file("plain")
    try SafeTensorsFile.write([], metadata: [:], to: plain)
    expectRefusal(plain, "\(plain): not a model of workbench: its metadata has no 'workbench_format'")
    let future = try rewritten("future") { _, metadata in metadata["workbench_format"] = "99" }
    expectRefusal(future, "\(future): has format 99, but this workbench reads formats up to 1")
    let noClasses = try rewritten("classes") { _, metadata in metadata["classes"] = nil }
    expectRefusal(noClasses, "\(noClasses): not a model of workbench: its metadata has no 'classes'")
    let threeClasses = try rewritten("three") { _, metadata in metadata["classes"] = #"["a","b","c"]"# }
    expectRefusal(threeClasses, "stained: the network has 2 outputs, but there are 3 classes")
    let size = try rewritten("size") { _, metadata in
      metadata["preprocessing"] = metadata["preprocessing"]?.replacingOccurrences(
        of: #""width":8"#, with: #""width":9"#)
    }
    expectRefusal(size, "stained: the network takes 8x8x3, but its preprocessing gives 8x9x3")
    let layer = try rewritten("layer") { _, metadata in
      metadata["network"] = metadata["network"]?.replacingOccurrences(of: #""type":"relu""#, with: #""type":"rely""#)
    }
    expectRefusal(
      layer, "\(layer): the network in it cannot be: layer relu_1: there is no layer type 'rely' (did you mean 'relu'?)"
    )
  }

  @Test("a model that is not finite is not saved, and the old file is intact")
  func notFinite() throws {
    let model = try model()
    let path = folder.file("a")
    try model.save(to: path, pool: pool)
    let old = try folder.data("a")
    model.parameters["linear_1.bias"]?[1] = .nan
    #expect(throws: ModelFileError.notFinite(model: path, what: "linear_1.bias")) {
      try model.save(to: path, pool: pool)
    }
    #expect(try folder.data("a") == old)
  }

  @Test("parts that do not fit together are refused when the model is made")
  func misfit() throws {
    let network = try network()
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 1))
    #expect(throws: ModelFileError.classCount(model: "m", classes: 1, logits: 2)) {
      try Model(
        name: "m", network: network, parameters: parameters, classes: ["a"], preprocessing: preprocessing())
    }
    #expect(throws: ModelFileError.inputShape(model: "m", network: [8, 8, 3], preprocessing: [9, 9, 3])) {
      try Model(
        name: "m", network: network, parameters: parameters, classes: ["a", "b"],
        preprocessing: preprocessing(size: 9))
    }
  }
}
