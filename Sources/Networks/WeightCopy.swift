import Tensors

/// Which layers of a network take their numbers from another network's layers of the same names, and why others do not.
///
/// A layer is copied when the other network has one of its name, of its kind, with the same parameters of the same
/// shapes; running statistics count as parameters.
public struct WeightCopy: Equatable, Sendable {
  /// Why a layer is not copied.
  public enum Obstacle: Equatable, Sendable {
    /// The caller wants it left out.
    case excepted
    /// The caller named others.
    case notChosen
    case noSuchLayer
    case otherKind(here: String, there: String)
    case shape(parameter: String, here: Shape, there: Shape)
    /// One of the two has no such parameter.
    case parameter(String, isHere: Bool)
  }

  /// One layer that has parameters.
  public struct Layer: Equatable, Sendable {
    public let name: String
    /// Numbers in its parameters.
    public let count: Int
    /// nil: it is copied.
    public let obstacle: Obstacle?
  }

  /// In the order of the network that is written to.
  public let layers: [Layer]
  /// Layers with parameters of the other network that this one does not have, in that network's order.
  public let unused: [String]

  public var copied: [Layer] { layers.filter { $0.obstacle == nil } }
  public var copiedCount: Int { copied.reduce(0) { $0 + $1.count } }
  /// Those that nobody asked to leave out.
  public var failed: [Layer] { layers.filter { ![nil, .excepted, .notChosen].contains($0.obstacle) } }

  /// - Parameters:
  ///   - only: names or patterns of the layers to copy; nil: all.
  ///   - except: names or patterns of layers to leave out; they may stand in either network.
  /// - Throws: `NetworkError.unknownNode` for a name or pattern that fits no layer, with the nearest name.
  public init(
    from source: Network, to target: Network, only: [String]? = nil, except: [String] = []
  ) throws(NetworkError) {
    let names = target.nodes.map(\.name)
    let known = names + source.nodes.map(\.name).filter { !names.contains($0) }
    let excepted = Set(try LayerPattern.choose(except, among: known))
    let chosen: Set<String>? = if let only { Set(try LayerPattern.choose(only, among: known)) } else { nil }
    layers = target.nodes.filter { $0.parameterCount > 0 }.map { node in
      let obstacle: Obstacle? =
        if excepted.contains(node.name) {
          .excepted
        } else if chosen?.contains(node.name) == false {
          .notChosen
        } else {
          WeightCopy.obstacle(from: source.nodes.first { $0.name == node.name }, to: node)
        }
      return Layer(name: node.name, count: node.parameterCount, obstacle: obstacle)
    }
    unused = source.nodes.filter { $0.parameterCount > 0 && !names.contains($0.name) }.map(\.name)
  }

  private static func obstacle(from source: Node?, to target: Node) -> Obstacle? {
    guard let source else { return .noSuchLayer }
    guard source.typeName == target.typeName else {
      return .otherKind(here: target.typeName, there: source.typeName)
    }
    let here = target.signature?.parameters ?? []
    let there = source.signature?.parameters ?? []
    for spec in here {
      guard let other = there.first(where: { $0.name == spec.name }) else { return .parameter(spec.name, isHere: true) }
      if other.shape != spec.shape { return .shape(parameter: spec.name, here: spec.shape, there: other.shape) }
    }
    let extra = there.first { spec in !here.contains { $0.name == spec.name } }
    return extra.map { .parameter($0.name, isHere: false) }
  }

  /// Writes the numbers of the layers that are copied.
  ///
  /// - Parameters: of the two networks that this was made for.
  public func apply(from source: ParameterSet, to target: ParameterSet) {
    let names = Set(copied.map(\.name))
    for entry in target.entries where names.contains(entry.layerName) {
      guard let tensor = source[entry.name] else { continue }
      entry.tensor.pointer.update(from: tensor.pointer, count: tensor.count)
    }
  }
}

extension WeightCopy.Obstacle: CustomStringConvertible {
  public var description: String {
    switch self {
    case .excepted: "excepted"
    case .notChosen: "not among those asked for"
    case .noSuchLayer: "no such layer there"
    case .otherKind(let here, let there): "kind \(here) here, \(there) there"
    case .shape(let parameter, let here, let there): "\(parameter) of shape \(here) here, \(there) there"
    case .parameter(let name, let isHere): isHere ? "\(name) here, none there" : "no \(name) here, but there"
    }
  }
}

extension WeightCopy {
  /// The most layers that the text names one by one for each reason.
  private static let mostNames = 8

  /// Why layers are not copied, in one line: `no such layer there: a, b; excepted: c`.
  public var failureText: String { reasons.map { "\($0.text): \(WeightCopy.list($0.names))" }.joined(separator: "; ") }

  /// What was copied, then a line for each reason why something was not.
  ///
  ///     copied 47 of 50 layers, 312,405 of 955,385 numbers
  ///     excepted: output_dense, output_layerNormalization
  ///     kernel of shape 5x5x96 here, 3x3x96 there: convNeXt0_block0_5x5_dconv2D
  ///     without a counterpart here: gap_resolve_dense
  public var text: String {
    let count = layers.reduce(0) { $0 + $1.count }
    let first =
      "copied \(copied.count) of \(layers.count) layers, \(thousands(copiedCount)) of \(thousands(count)) numbers"
    return ([first] + reasons.map { "\($0.text): \(WeightCopy.list($0.names))" }).joined(separator: "\n")
  }

  private var reasons: [(text: String, names: [String])] {
    var reasons: [(text: String, names: [String])] = []
    for layer in layers {
      guard let obstacle = layer.obstacle else { continue }
      if let index = reasons.firstIndex(where: { $0.text == "\(obstacle)" }) {
        reasons[index].names.append(layer.name)
      } else {
        reasons.append(("\(obstacle)", [layer.name]))
      }
    }
    if !unused.isEmpty { reasons.append(("without a counterpart here", unused)) }
    return reasons
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(mostNames).joined(separator: ", ")
      + (names.count > mostNames ? " and \(names.count - mostNames) more" : "")
  }
}
