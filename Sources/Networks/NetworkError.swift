import Layers
import Tensors

/// What can be wrong with a network that a person described, in a recipe or in a file.
public enum NetworkError: Error, Equatable, Sendable {
  /// A node that feeds a layer.
  public struct Feed: Equatable, Sendable {
    public let name: String
    public let shape: Shape

    public init(name: String, shape: Shape) {
      self.name = name
      self.shape = shape
    }
  }

  /// The layer's shapes or options cannot be; `reason` is the clause of the `LayerError` or `OptionError`.
  case layer(name: String, type: String, inputs: [Feed], reason: String)
  /// `reason` is the sentence of the `OptionError` or `LayerError`.
  case options(name: String, reason: String)
  case tooLarge(name: String, type: String, what: String, shape: Shape)
  case duplicateName(name: String, type: String, otherType: String)
  case invalidName(String)
  case unknownNode(name: String, suggestion: String?)
  /// The graph has no input, or several, or its output is not a layer.
  case inputs([String])
  case noLayers
  case inputShape([Int])
  case unknownLayerType(name: String, type: String, suggestion: String?)
  case unknownInput(layer: String, input: String, suggestion: String?)
  /// A layer without a backward pass stands behind one that learns.
  case noBackward(name: String, type: String, learning: String)
  /// Neither this layer nor any behind it has parameters that training could change.
  case nothingLearns(from: String)
  /// None of the layers that these names fit has parameters.
  case noParameters([String])
  /// Two patterns of the same length give one layer different values.
  case patternsDiffer(layer: String, [String])
  /// A plugin cannot compute the layer, or failed to.
  case operation(name: String, type: String, OperationError)
  /// A plan for this batch needs more memory than there is.
  case outOfMemory(what: String, needed: Int, available: Int)
}

extension NetworkError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .layer(let name, let type, let inputs, let reason):
      "layer \(name) (\(type)), after \(NetworkError.list(inputs)): \(reason)"
    case .options(let name, let reason):
      "layer \(name): \(reason)"
    case .tooLarge(let name, let type, let what, let shape):
      "layer \(name) (\(type)): \(what) of \(shape) is too large"
    case .duplicateName(let name, let type, let otherType):
      "layer \(name) (\(type)): the name is taken by an earlier layer (\(otherType))"
    case .invalidName(let name):
      "a layer cannot be named '\(name.prefix(80))': names have 1 to 200 characters, without control characters"
    case .unknownNode(let name, let suggestion):
      "the network has no layer '\(name)'" + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    case .inputs(let names):
      names.isEmpty
        ? "the network has no input"
        : "a network has one input, but this one has \(names.count): \(names.joined(separator: ", "))"
    case .noLayers:
      "the network has no layers: its output is its input"
    case .inputShape(let dimensions):
      "an input of [\(dimensions.map(String.init).joined(separator: ", "))] cannot be: 1 to 4 extents of 1 or more, at "
        + "most \(NetworkBuilder.maximumElements) numbers"
    case .unknownLayerType(let name, let type, let suggestion):
      "layer \(name): there is no layer type '\(type)'" + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    case .unknownInput(let layer, let input, let suggestion):
      "layer \(layer): its input '\(input)' is not an earlier layer"
        + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    case .noBackward(let name, let type, let learning):
      "layer \(name) (\(type)): it has no backward pass, so that nothing before it can learn, but \(learning) does"
    case .nothingLearns(let name):
      "from layer '\(name)' on, no layer has parameters that training could change"
    case .noParameters(let patterns):
      "no layer that is named \(patterns.map { "'\($0)'" }.joined(separator: " or ")) has parameters"
    case .patternsDiffer(let layer, let patterns):
      "\(patterns.map { "'\($0)'" }.joined(separator: " and ")) both fit layer \(layer), with different values: of two "
        + "patterns the longer one counts, and these are equally long"
    case .operation(let name, let type, let error):
      "layer \(name) (\(type)): \(error)"
    case .outOfMemory(let what, let needed, let available):
      "out of memory: \(what) would take \(megabytes(needed)), but \(megabytes(available)) are available "
        + "(a smaller batch, smaller pictures or a smaller network need less)"
    }
  }

  private static func list(_ feeds: [Feed]) -> String {
    feeds.isEmpty ? "nothing" : feeds.map { "\($0.name) (\($0.shape))" }.joined(separator: ", ")
  }
}

/// `1,234 MB`, of 10^6 bytes, rounded up.
private func megabytes(_ bytes: Int) -> String { "\(thousands((bytes + 999_999) / 1_000_000)) MB" }
