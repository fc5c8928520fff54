import Schemas

/// All layers that a recipe or a model file can name.
public enum LayerRegistry {
  /// A new layer is registered by a line here.
  public static let all: [any Layer.Type] = [
    Conv2D.self, Linear.self,
    DepthwiseConv2D.self,
    LayerNorm.self,
    BatchNorm.self, MaxPool.self, AveragePool.self, GlobalAveragePool.self, Flatten.self, Dropout.self, Softmax.self,
    Add.self, Multiply.self,
    LayerScale.self, SqueezeExcite.self, GaussianNoise.self, StochasticDepth.self,
    Rescale.self, RandomCrop.self, CenterCrop.self,
    ActivationLayer.self, ReLU.self, ELU.self, SELU.self, GELU.self, Swish.self, Sigmoid.self, Tanh.self,
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.schema.name, $0) })

  /// A layer with the given options, checked and with the defaults filled in.
  ///
  /// - Throws: `RegistryError.unknown`; `OptionError`; `LayerError.options` for a combination without meaning.
  public static func layer(named name: String, options: [String: OptionValue] = [:]) throws -> any Layer {
    guard let type = byName[name] else {
      throw RegistryError.unknown(
        kind: "layer", name: name, suggestion: nearest(to: name, among: all.map { $0.schema.name }))
    }
    return try type.init(options: Options(options, schema: type.schema))
  }
}

/// A name that no registry entry has.
public enum RegistryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `kind` is the word for what was asked for: `layer`, `loss`.
  case unknown(kind: String, name: String, suggestion: String?)

  public var description: String {
    switch self {
    case .unknown(let kind, let name, let suggestion):
      "there is no \(kind) '\(name)'" + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    }
  }
}
