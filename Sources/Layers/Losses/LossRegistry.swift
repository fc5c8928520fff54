import Schemas

/// All losses that a recipe can name.
public enum LossRegistry {
  /// A new loss is registered by a line here.
  public static let all: [any Loss.Type] = [
    CrossEntropy.self, FocalCrossEntropy.self,
    ClassBalancedFocal.self, ClassBalancedSigmoid.self, BatchBalancedSigmoid.self, BatchBalancedSum.self,
    CosineCrossEntropySquares.self, CosineLoss.self,
    LogitAdjusted.self, BatchLogitAdjusted.self, InverseFrequencyAdjusted.self, BatchInverseFrequencyScaled.self,
    MeanAbsoluteError.self, MeanSquaredError.self, InverseFrequencySigmoid.self,
    CombinedLoss.self,
  ]

  /// - Throws: `RegistryError.unknown`; `OptionError`; `LossError`.
  public static func loss(named name: String, options: [String: OptionValue] = [:]) throws -> any Loss {
    guard let type = all.first(where: { $0.schema.name == name }) else {
      throw RegistryError.unknown(
        kind: "loss", name: name, suggestion: nearest(to: name, among: all.map { $0.schema.name }))
    }
    return try type.init(options: Options(options, schema: type.schema))
  }
}
