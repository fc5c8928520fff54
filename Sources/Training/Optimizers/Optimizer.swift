import Layers
import Schemas

/// A rule that moves parameters against their gradients.
///
/// A value without numbers in it: what it remembers of each parameter (its slots) lives in an `OptimizerState`.
public protocol Optimizer: Sendable {
  /// The name that recipes use, its options, and a line of help.
  static var schema: Schema { get }

  init(options: Options) throws

  var options: Options { get }

  /// The rate of the first step where no schedule says otherwise.
  var learningRate: Double { get }

  /// The names of the arrays kept for each parameter, each of the parameter's shape and zero at the start.
  var slotNames: [String] { get }

  /// What one step must know, from the number of steps taken before it and its learning rate.
  func makeStep(index: Int, learningRate: Double) -> OptimizerStep
}

extension Optimizer {
  /// With options given as plain values.
  ///
  /// - Throws: `OptionError`.
  public init(_ given: [String: OptionValue] = [:]) throws {
    try self.init(options: Options(given, schema: Self.schema))
  }
}

/// All optimizers that a recipe can name.
public enum OptimizerRegistry {
  /// A new optimizer is registered by a line here.
  public static let all: [any Optimizer.Type] = [Adam.self, AdamW.self, SGD.self]

  /// - Throws: `RegistryError.unknown`; `OptionError`.
  public static func optimizer(named name: String, options: [String: OptionValue] = [:]) throws -> any Optimizer {
    guard let type = all.first(where: { $0.schema.name == name }) else {
      throw RegistryError.unknown(
        kind: "optimizer", name: name, suggestion: nearest(to: name, among: all.map { $0.schema.name }))
    }
    return try type.init(options: Options(options, schema: type.schema))
  }
}

/// The update of a range of numbers in one step; `parameter`, `gradient` and each slot point at its first.
public struct OptimizerStep: Sendable {
  /// `(parameter, gradient, slots, count, gradient scale, learning rate factor)`.
  ///
  /// - The gradient is multiplied by the scale (of clipping by norm) before it is used.
  /// - The factor multiplies this step's learning rate, for this parameter alone.
  public typealias Update =
    @Sendable (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, [UnsafeMutablePointer<Float>], Int, Float, Float
    ) -> Void

  public let update: Update
  /// For parameters that weight decay leaves out.
  public let updateWithoutDecay: Update

  /// - Parameter updateWithoutDecay: nil: the optimizer knows no weight decay.
  public init(update: @escaping Update, updateWithoutDecay: Update? = nil) {
    self.update = update
    self.updateWithoutDecay = updateWithoutDecay ?? update
  }
}
