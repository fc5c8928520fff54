import Schemas

/// All augmentations by the name that recipes use.
public enum AugmentationRegistry {
  /// Those that change one picture.
  public static let all: [any Augmentation.Type] = [
    FlipHorizontal.self, FlipVertical.self, QuarterTurns.self, RandomResizedCrop.self, Translate.self, Shear.self,
    ColourJitter.self, Grayscale.self, Invert.self, Solarise.self, GaussianBlur.self, GaussianNoise.self, Cutout.self,
  ]

  /// Those that mix the pictures of a batch.
  public static let batchWise: [any BatchAugmentation.Type] = [Mixup.self, Cutmix.self, Remix.self]

  public static var schemas: [Schema] { all.map { $0.schema } + batchWise.map { $0.schema } }

  /// Whether the name is that of an augmentation of one picture or of a batch; nil when it is unknown.
  public static func isBatchWise(_ name: String) -> Bool? {
    if all.contains(where: { $0.schema.name == name }) { return false }
    return batchWise.contains { $0.schema.name == name } ? true : nil
  }

  /// - Throws: `AugmentationError` for an unknown name, `OptionError` for options that do not fit.
  public static func augmentation(
    named name: String, options: [String: OptionValue] = [:]
  ) throws -> any Augmentation {
    guard let type = all.first(where: { $0.schema.name == name }) else { throw unknown(name) }
    return try type.init(options: Options(options, schema: type.schema))
  }

  /// - Throws: `AugmentationError` for an unknown name, `OptionError` for options that do not fit.
  public static func batchAugmentation(
    named name: String, options: [String: OptionValue] = [:]
  ) throws -> any BatchAugmentation {
    guard let type = batchWise.first(where: { $0.schema.name == name }) else { throw unknown(name) }
    return try type.init(options: Options(options, schema: type.schema))
  }

  private static func unknown(_ name: String) -> AugmentationError {
    .unknownName(name, suggestion: nearest(to: name, among: schemas.map(\.name)))
  }
}

/// What can be wrong with an augmentation.
public enum AugmentationError: Error, Equatable, Sendable, CustomStringConvertible {
  case unknownName(String, suggestion: String?)
  /// Its option `class_counts` has another length than the class table.
  case classCounts(augmentation: String, found: Int, classes: Int)

  public var description: String {
    switch self {
    case .unknownName(let name, let suggestion):
      "unknown augmentation '\(name)'" + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    case .classCounts(let augmentation, let found, let classes):
      "\(augmentation): 'class_counts' has \(found) number\(found == 1 ? "" : "s"), but there are \(classes) classes"
    }
  }
}
