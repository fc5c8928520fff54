import Layers
import Schemas
import Tensors

/// The numbers of a network: kernels, biases, norms' factors and running statistics, by name (`conv2d_1.kernel`).
///
/// A reference type, as its tensors are. Entries stand in the order of the network's nodes.
public final class ParameterSet: @unchecked Sendable {
  public struct Entry: Sendable {
    /// `layer.parameter`.
    public let name: String
    public let spec: ParameterSpec
    public var layerName: String { String(name.dropLast(spec.name.count + 1)) }
    /// The index in `Network.nodes`.
    public let node: Int
    public let tensor: Tensor
    /// Set by a person: no optimizer touches it, and no gradient is computed.
    public fileprivate(set) var isFrozen = false

    /// Whether training computes a gradient for it.
    public var isTrained: Bool { spec.isTrainable && !isFrozen }
  }

  public private(set) var entries: [Entry]
  private let indexOfName: [String: Int]
  /// For each node, its entries.
  let entriesOfNode: [Range<Int>]

  /// Freshly initialised. Each array has its own random stream, named after it: adding a layer changes no other.
  ///
  /// - Parameter key: derived from the seed alone.
  public convenience init(network: Network, key: RandomKey) {
    self.init(network: network) { _, spec in Tensor(spec.shape) }
    for entry in entries {
      entry.spec.initializer.fill(
        entry.tensor, fanIn: entry.spec.fanIn, fanOut: entry.spec.fanOut, key: key.deriving(entry.name))
    }
  }

  /// With tensors from elsewhere, such as a file.
  ///
  /// - Parameter tensor: called once for each parameter; must give a tensor of the spec's shape.
  public init<Failure: Error>(
    network: Network, tensor: (_ name: String, _ spec: ParameterSpec) throws(Failure) -> Tensor
  ) throws(Failure) {
    var entries: [Entry] = []
    var ranges: [Range<Int>] = []
    for node in network.nodes {
      let start = entries.count
      for spec in node.signature?.parameters ?? [] {
        let name = "\(node.name).\(spec.name)"
        let tensor = try tensor(name, spec)
        precondition(tensor.shape == spec.shape, "\(name): a tensor of \(tensor.shape) for \(spec.shape)")
        entries.append(Entry(name: name, spec: spec, node: node.id, tensor: tensor))
      }
      ranges.append(start..<entries.count)
    }
    self.entries = entries
    entriesOfNode = ranges
    indexOfName = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
  }

  /// To be called before the parameters of a network that a person described are made.
  ///
  /// - Throws: `NetworkError.outOfMemory` when the computer has no memory for them.
  public static func requireMemory(for network: Network) throws(NetworkError) {
    let needed = network.nodes.reduce(0.0) { sum, node in
      (node.signature?.parameters ?? []).reduce(sum) { $0 + 4 * Double($1.shape.count) }
    }
    let available = Arena.availableBytes
    guard needed <= Double(available) else {
      throw .outOfMemory(what: "the network's parameters", needed: Int(needed), available: available)
    }
  }

  private init(copying other: ParameterSet) {
    entries = other.entries.map {
      var entry = Entry(name: $0.name, spec: $0.spec, node: $0.node, tensor: $0.tensor.copy())
      entry.isFrozen = $0.isFrozen
      return entry
    }
    indexOfName = other.indexOfName
    entriesOfNode = other.entriesOfNode
  }

  public subscript(name: String) -> Tensor? { indexOfName[name].map { entries[$0].tensor } }

  /// The entry's place in `entries` and in a training plan's `gradients`.
  public func index(of name: String) -> Int? { indexOfName[name] }

  /// With numbers of its own.
  public func copy() -> ParameterSet { ParameterSet(copying: self) }

  /// Freezes or thaws all parameters of one layer. Plans made before do not notice.
  ///
  /// - Throws: `NetworkError.unknownNode` with the nearest layer that has parameters.
  public func setFrozen(_ isFrozen: Bool, layer: String) throws(NetworkError) {
    let indices = entries.indices.filter { entries[$0].layerName == layer }
    guard !indices.isEmpty else {
      throw .unknownNode(name: layer, suggestion: nearest(to: layer, among: entries.map(\.layerName)))
    }
    for index in indices { entries[index].isFrozen = isFrozen }
  }

  /// Freezes these layers, and thaws all others. Plans made before do not notice.
  public func setFrozen(layers: Set<String>, of network: Network) {
    for index in entries.indices { entries[index].isFrozen = layers.contains(network.nodes[entries[index].node].name) }
  }

  /// The sum over all arrays, frozen ones included, of their L2 factor times their sum of squares.
  public func l2Loss() -> Double {
    entries.reduce(0) { sum, entry in
      entry.spec.l2 == 0 ? sum : sum + Double(entry.spec.l2) * sumOfSquares(entry.tensor)
    }
  }
}
