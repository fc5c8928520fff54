import Schemas

/// What training makes small: a number for a batch of logits and labels, and its gradient.
public protocol Loss: Sendable {
  /// The name that recipes use, its options, and a line of help.
  static var schema: Schema { get }

  init(options: Options) throws

  var options: Options { get }

  /// The mean loss over `count` examples.
  ///
  /// - Parameters:
  ///   - logits: `[count, classes]`, before softmax.
  ///   - labels: `[count, classes]`, each row a distribution over the classes.
  ///   - count: examples, 1 or more.
  ///   - classWeights: one factor a class, applied by the class with the highest label; the weighted sum is still
  ///     divided by `count`. nil: all 1.
  ///   - logitsGradient: receives the gradient of the returned number, `[count, classes]`; nil when not wanted.
  /// - Returns: the loss; not finite when a logit is not.
  func evaluate(
    logits: UnsafePointer<Float>, labels: UnsafePointer<Float>, count: Int, classes: Int, classWeights: [Float]?,
    logitsGradient: UnsafeMutablePointer<Float>?
  ) -> Double
}

/// All losses that a recipe can name.
public enum LossRegistry {
  /// A new loss is registered by a line here.
  public static let all: [any Loss.Type] = [CrossEntropy.self]

  /// - Throws: `RegistryError.unknown`; `OptionError`.
  public static func loss(named name: String, options: [String: OptionValue] = [:]) throws -> any Loss {
    guard let type = all.first(where: { $0.schema.name == name }) else {
      throw RegistryError.unknown(
        kind: "loss", name: name, suggestion: nearest(to: name, among: all.map { $0.schema.name }))
    }
    return try type.init(options: Options(options, schema: type.schema))
  }
}
