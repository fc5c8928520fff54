import Images
import Layers
import Networks
import Schemas
import Tensors

/// A network read from `config.json`, and where its numbers are in the weights file.
struct KerasNetwork {
  /// The numbers of one layer.
  struct Numbers {
    /// In Keras and in the network.
    let layer: String
    let className: String
    /// Parameters that the file does not have.
    let filled: Set<String>
  }

  let network: Network
  /// All layers of the model in the order of Keras' `model.layers`.
  let numbers: [Numbers]
  /// Options that act in training only and were left out: `bias_regularizer of output`.
  let leftOut: [String]
}

/// Builds the network that `config.json` describes.
struct KerasNetworkReader {
  private let config: KerasModelConfig
  private var builder = NetworkBuilder()
  private var tensors: [String: KerasTensor] = [:]
  private var filled: [String: Set<String>] = [:]
  private var leftOut: [String] = []

  /// - Parameter size: of the pictures, when a person gives it.
  /// - Throws: `KerasFileError`; `NetworkError` and the errors of options for what the layers themselves refuse.
  static func read(_ config: KerasModelConfig, size: PictureSize?) throws -> KerasNetwork {
    var reader = KerasNetworkReader(config: config)
    return try reader.build(size: size)
  }

  private init(config: KerasModelConfig) { self.config = config }

  private mutating func build(size: PictureSize?) throws -> KerasNetwork {
    let shape = try KerasNetworkReader.inputShape(config, size: size)
    let input = try builder.input(shape, name: config.inputName)
    tensors[config.inputName] = KerasTensor(node: input, shape: shape)
    let layers = try orderedLayers()
    for layer in layers where layer.name != config.inputName { try add(layer) }
    guard let output = tensors[config.outputName] else {
      throw KerasFileError.graph(reason: "has no layer \(config.outputName), which should be its output")
    }
    let network = try builder.network(output: output.node)
    return KerasNetwork(
      network: network,
      numbers: kerasOrder(layers).map {
        KerasNetwork.Numbers(layer: $0.name, className: $0.className, filled: filled[$0.name] ?? [])
      }, leftOut: leftOut)
  }

  private mutating func add(_ layer: KerasLayer) throws {
    let inputs = layer.calls[0].arguments.compactMap { argument -> KerasTensor? in
      if case .layer(let name) = argument { tensors[name] } else { nil }
    }
    var options = try KerasOptions(layer, inputs: inputs)
    let translation = try KerasTranslator.translate(&options)
    leftOut += options.leftOut.map { "\($0) of \(layer.name)" }
    guard var result = inputs.first else {
      throw KerasFileError.graph(reason: "feeds layer \(layer.name) with nothing")
    }
    for (index, piece) in translation.pieces.enumerated() {
      let made: any Layer
      do {
        made = try LayerRegistry.layer(named: piece.type, options: piece.options)
      } catch {
        throw NetworkError.options(name: layer.name, reason: "\(error)")
      }
      let feeds = index == 0 ? inputs.map(\.node) : [result.node]
      let name = index == 0 ? layer.name : "\(layer.name)_\(piece.type)"
      let node = try builder.add(made, name: name, inputs: feeds)
      result = KerasTensor(node: node, shape: builder.nodes[node].shape)
    }
    result.isCollapsed = (translation.isCollapsed ?? inputs[0].isCollapsed) && result.shape.rank == 1
    tensors[layer.name] = result
    filled[layer.name] = translation.filled
  }

  /// The layers as Keras counts them.
  ///
  /// - Parameter layers: each after those that feed it.
  private func kerasOrder(_ layers: [KerasLayer]) -> [KerasLayer] {
    var index: [String: Int] = [:]
    for (place, layer) in layers.enumerated() { index[layer.name] = place }
    let inputs = layers.map { layer -> [Int] in
      if layer.name == config.inputName { return [] }
      return layer.calls[0].arguments.compactMap { if case .layer(let name) = $0 { index[name] } else { nil } }
    }
    return KerasLayerOrder.of(inputs: inputs, output: index[config.outputName] ?? 0).map { layers[$0] }
  }

  /// Every layer after those that feed it, otherwise in the file's order.
  ///
  /// - Throws: `KerasFileError.graph` for a cycle, a layer used twice or an unknown feed.
  private func orderedLayers() throws(KerasFileError) -> [KerasLayer] {
    var index: [String: Int] = [:]
    for (place, layer) in config.layers.enumerated() { index[layer.name] = place }
    var missing = [Int](repeating: 0, count: config.layers.count)
    var readers = [[Int]](repeating: [], count: config.layers.count)
    for (place, layer) in config.layers.enumerated() where layer.name != config.inputName {
      guard layer.calls.count == 1 else {
        throw .graph(
          reason: layer.calls.isEmpty
            ? "does not say what feeds layer \(layer.name)"
            : "uses layer \(layer.name) \(layer.calls.count) times; workbench's networks use each once")
      }
      for case .layer(let name) in layer.calls[0].arguments {
        guard let feed = index[name] else {
          throw .graph(reason: "feeds layer \(layer.name) from '\(name.prefix(200))', which is none of its layers")
        }
        missing[place] += 1
        readers[feed].append(place)
      }
    }
    var ready = PlaceQueue(missing.indices.filter { missing[$0] == 0 })
    var result: [KerasLayer] = []
    while let place = ready.removeSmallest() {
      result.append(config.layers[place])
      for reader in readers[place] {
        missing[reader] -= 1
        if missing[reader] == 0 { ready.insert(reader) }
      }
    }
    guard result.count == config.layers.count else {
      let name = config.layers.indices.first { missing[$0] > 0 }.map { config.layers[$0].name } ?? ""
      throw .graph(reason: "goes in a circle: layer \(name) waits for its own output")
    }
    return result
  }

  /// The file's own size, else the given one, else that of the crop behind the input.
  private static func inputShape(_ config: KerasModelConfig, size: PictureSize?) throws -> Shape {
    let shape = config.inputShape
    guard shape.count == 3 else {
      let extents = shape.map { $0.map(String.init) ?? "any" }.joined(separator: " x ")
      throw KerasFileError.graph(
        reason: "takes \(extents), but workbench's take pictures: height x width x channels")
    }
    guard let channels = shape[2] else {
      throw KerasFileError.graph(reason: "does not say how many channels its pictures have")
    }
    if let height = shape[0], let width = shape[1] {
      let own = PictureSize(height: height, width: width)
      if let size, size != own { throw ModelFileError.sizeFixed(model: config.name, size: own, wanted: size) }
      return Shape([height, width, channels])
    }
    if let size { return Shape([size.height, size.width, channels]) }
    for layer in config.layers where layer.className == "RandomCrop" || layer.className == "CenterCrop" {
      guard layer.calls.first?.arguments == [.layer(config.inputName)] else { continue }
      if let height = layer.config["height"]?.integer, let width = layer.config["width"]?.integer, height >= 1,
        width >= 1
      {
        return Shape([height, width, channels])
      }
    }
    throw KerasFileError.sizeNeeded
  }
}

/// Small numbers, the smallest of which comes first: a binary heap.
private struct PlaceQueue {
  private var heap: [Int]

  /// - Parameter sorted: ascending.
  init(_ sorted: [Int]) { heap = sorted }

  mutating func insert(_ place: Int) {
    heap.append(place)
    var child = heap.count - 1
    while child > 0, heap[(child - 1) / 2] > heap[child] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeSmallest() -> Int? {
    guard let smallest = heap.first else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return smallest }
    heap[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child >= heap.count { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      if heap[parent] <= heap[child] { break }
      heap.swapAt(parent, child)
      parent = child
    }
    return smallest
  }
}
