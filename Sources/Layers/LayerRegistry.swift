import Schemas
import Synchronization

/// All layers that a recipe or a model file can name.
public enum LayerRegistry {
  /// A new layer is registered by a line here.
  public static let all: [any BuiltInLayer.Type] = [
    Conv2D.self, Linear.self,
    DepthwiseConv2D.self,
    LayerNorm.self,
    BatchNorm.self, MaxPool.self, AveragePool.self, GlobalAveragePool.self, Flatten.self, Dropout.self, Softmax.self,
    Add.self, Multiply.self,
    LayerScale.self, SqueezeExcite.self, GaussianNoise.self, StochasticDepth.self,
    Tokens.self, ClassToken.self, PositionEmbedding.self, Attention.self, TakeToken.self,
    Rescale.self, RandomCrop.self, CenterCrop.self,
    ActivationLayer.self, ReLU.self, ELU.self, SELU.self, GELU.self, Swish.self, Sigmoid.self, Tanh.self,
  ]

  private static let builtIn = all.map { LayerKind($0) }

  /// Those that plugins have brought, in the order in which they came. Plugins are never unloaded.
  private static let plugged = Mutex<[LayerKind]>([])

  /// Every kind: the built-in ones, then those of the plugins that are loaded.
  public static var kinds: [LayerKind] { builtIn + plugged.withLock { $0 } }

  /// nil when there is none of that name.
  public static func kind(named name: String) -> LayerKind? { kinds.first { $0.schema.name == name } }

  /// Makes kinds known that a plugin has brought: all of them, or none.
  ///
  /// - Throws: `RegistryError.taken` for the first whose name another kind has.
  public static func register(_ added: [LayerKind]) throws(RegistryError) {
    let taken: LayerKind? = plugged.withLock { kinds in
      var known = builtIn + kinds
      for kind in added {
        if let other = known.first(where: { $0.schema.name == kind.schema.name }) { return other }
        known.append(kind)
      }
      kinds += added
      return nil
    }
    if let taken { throw .taken(kind: "layer", name: taken.schema.name, plugin: taken.origin?.plugin) }
  }

  /// A layer with the given options, checked and with the defaults filled in.
  ///
  /// - Throws: `RegistryError.unknown`; `OptionError`; `LayerError.options` for a combination without meaning.
  public static func layer(named name: String, options: [String: OptionValue] = [:]) throws -> any Layer {
    guard let kind = kind(named: name) else {
      throw RegistryError.unknown(
        kind: "layer", name: name, suggestion: nearest(to: name, among: kinds.map(\.schema.name)))
    }
    return try kind.make(Options(options, schema: kind.schema))
  }
}

/// A name that no registry entry has, or that one has already.
public enum RegistryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `kind` is the word for what was asked for: `layer`, `loss`.
  case unknown(kind: String, name: String, suggestion: String?)
  /// `plugin`: whose it is; nil: built in.
  case taken(kind: String, name: String, plugin: String?)

  public var description: String {
    switch self {
    case .unknown(let kind, let name, let suggestion):
      "there is no \(kind) '\(name)'" + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    case .taken(let kind, let name, let plugin):
      "there is a \(kind) '\(name)' already, " + (plugin.map { "of the plugin '\($0)'" } ?? "built in")
    }
  }
}
