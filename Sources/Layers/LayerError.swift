import Tensors

/// Shapes or options of a layer that cannot be. The network adds the layer's name in front.
public enum LayerError: Error, Equatable, Sendable {
  case inputCount(expected: String, found: Int)
  case inputRank(expected: String, found: Shape)
  case windowTooLarge(what: String, window: [Int], input: Shape)
  case notDivisible(what: String, value: Int, by: String, divisor: Int)
  case shapesDiffer(Shape, Shape)
  /// A combination of options that has no meaning; the text is a clause like `'groups' must divide 'filters'`.
  case options(String)
  /// The plugin of the layer cannot do this; the reason is its own sentence.
  case refused(plugin: String, reason: String)
  /// The plugin of the layer answers what cannot be.
  case faulty(plugin: String, reason: String)
}

extension LayerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .inputCount(let expected, let found): "takes \(expected), but was given \(found)"
    case .inputRank(let expected, let found): "takes \(expected), but its input is \(found)"
    case .windowTooLarge(let what, let window, let input):
      "a \(what) of \(Shape(window)) does not fit into the input of \(input)"
    case .notDivisible(let what, let value, let by, let divisor):
      "\(what) (\(value)) cannot be divided by \(by) (\(divisor))"
    case .shapesDiffer(let a, let b): "its inputs have different shapes, \(a) and \(b)"
    case .options(let text): text
    case .refused(let plugin, let reason): "the plugin '\(plugin)' says: \(reason)"
    case .faulty(let plugin, let reason): "the plugin '\(plugin)' is faulty: \(reason)"
    }
  }
}
