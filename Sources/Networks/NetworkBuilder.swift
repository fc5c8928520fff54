import Layers
import Schemas
import Tensors

/// Collects layers into a graph, and infers every shape as soon as a layer is added.
///
///     var builder = NetworkBuilder()
///     let input = try builder.input([256, 256, 3])
///     let features = try builder.add(conv2d, inputs: [input])
///     let network = try builder.network(output: features)
///
/// A value: a copy that goes its own way shares no later layer with the original.
public struct NetworkBuilder: Sendable {
  /// The nodes so far; `nodes[i].id == i`.
  public private(set) var nodes: [Node] = []
  private var idOfName: [String: Int] = [:]
  private var lastNumber: [String: Int] = [:]

  /// More numbers than this in one example's activation or in one parameter are refused.
  public static let maximumElements = 1 << 36

  public init() {}

  /// Adds an input for examples of this shape.
  ///
  /// - Throws: `NetworkError`.
  public mutating func input(_ shape: Shape, name: String? = nil) throws -> Int {
    guard (1...4).contains(shape.rank), shape.dimensions.allSatisfy({ $0 >= 1 }), elementCount(shape) != nil else {
      throw NetworkError.inputShape(shape.dimensions)
    }
    let name = try claim(name ?? freeName("input", numbered: false), type: "input")
    return append(Node(id: nodes.count, name: name, layer: nil, inputs: [], signature: nil, shape: shape))
  }

  /// Adds a layer behind the given nodes and returns its id.
  ///
  /// - Parameter name: nil for the type with the next free number, as in `conv2d_1`.
  /// - Throws: `NetworkError` that names the layer, its type, what feeds it and the shapes.
  public mutating func add(_ layer: any Layer, name: String? = nil, inputs: [Int]) throws -> Int {
    precondition(inputs.allSatisfy(nodes.indices.contains), "an input that this builder has not made")
    let name = try claim(name ?? freeName(layer.typeName, numbered: true), type: layer.typeName)
    do {
      let signature = try checkedSignature(of: layer, name: name, inputs: inputs)
      return append(
        Node(
          id: nodes.count, name: name, layer: layer, inputs: inputs, signature: signature,
          shape: signature.outputShape))
    } catch {
      idOfName[name] = nil
      throw error
    }
  }

  /// The part of the graph that the output needs.
  ///
  /// - Throws: `NetworkError` when that part has not exactly one input, or no layer.
  public func network(output: Int) throws -> Network {
    precondition(nodes.indices.contains(output), "an output that this builder has not made")
    var needed = Set([output])
    // Inputs come before their readers, so one pass backwards finds all.
    for node in nodes.reversed() where needed.contains(node.id) { needed.formUnion(node.inputs) }
    let kept = nodes.filter { needed.contains($0.id) }
    let inputs = kept.filter { $0.layer == nil }
    guard inputs.count == 1 else { throw NetworkError.inputs(inputs.map(\.name)) }
    guard nodes[output].layer != nil else { throw NetworkError.noLayers }
    let newID = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1.id, $0) })
    let renumbered = kept.map { node in
      Node(
        id: newID[node.id]!, name: node.name, layer: node.layer, inputs: node.inputs.map { newID[$0]! },
        signature: node.signature, shape: node.shape)
    }
    return Network(nodes: renumbered, inputID: newID[inputs[0].id]!, outputID: newID[output]!)
  }

  /// The node of this name, or nil.
  public func node(named name: String) -> Node? { idOfName[name].map { nodes[$0] } }

  private mutating func append(_ node: Node) -> Int {
    nodes.append(node)
    return node.id
  }

  private func checkedSignature(of layer: any Layer, name: String, inputs: [Int]) throws -> LayerSignature {
    let signature: LayerSignature
    do {
      signature = try layer.signature(for: inputs.map { nodes[$0].shape })
    } catch {
      let feeds = inputs.map { NetworkError.Feed(name: nodes[$0].name, shape: nodes[$0].shape) }
      throw NetworkError.layer(name: name, type: layer.typeName, inputs: feeds, reason: "\(error)")
    }
    if elementCount(signature.outputShape) == nil {
      throw NetworkError.tooLarge(name: name, type: layer.typeName, what: "an output", shape: signature.outputShape)
    }
    for parameter in signature.parameters where elementCount(parameter.shape) == nil {
      throw NetworkError.tooLarge(
        name: name, type: layer.typeName, what: "a \(parameter.name)", shape: parameter.shape)
    }
    return signature
  }

  /// nil when there are more elements than `maximumElements`.
  private func elementCount(_ shape: Shape) -> Int? {
    var count = 1
    for dimension in shape.dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      if overflow || product > NetworkBuilder.maximumElements { return nil }
      count = product
    }
    return count
  }

  private mutating func freeName(_ type: String, numbered: Bool) -> String {
    if !numbered, idOfName[type] == nil { return type }
    while true {
      lastNumber[type, default: 0] += 1
      let name = "\(type)_\(lastNumber[type]!)"
      if idOfName[name] == nil { return name }
    }
  }

  private mutating func claim(_ name: String, type: String) throws -> String {
    let isPrintable = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
    guard (1...200).contains(name.count), isPrintable else { throw NetworkError.invalidName(name) }
    if let other = idOfName[name] {
      throw NetworkError.duplicateName(name: name, type: type, otherType: nodes[other].typeName)
    }
    idOfName[name] = nodes.count
    return name
  }
}
