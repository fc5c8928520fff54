import Images
import Layers
import Networks
import Schemas

/// Everything that decides what a training run computes, apart from the network and the data.
public struct TrainingSettings {
  /// How pictures are drawn for an epoch.
  public enum Order: String, CaseIterable, Codable, Sendable {
    case sequential, shuffled
    /// Every class equally often, with replacement.
    case balanced
  }

  /// How much each class counts in the training loss.
  public enum ClassWeights: Equatable, Sendable {
    case none
    /// `n / (k * count)` from the training split.
    case balanced
    /// One a class, in the order of the class table.
    case values([Float])
  }

  public var seed = 1
  public var epochs = 20
  public var batchSize = 32
  /// The trainer fits it to the class counts of the training split.
  public var loss: any Loss
  /// A teacher to learn from; nil: from the labels alone.
  public var distillation: DistillationSettings?
  public var optimizer: any Optimizer
  public var learningRate = LearningRateSource.optimizer
  public var classWeights = ClassWeights.none
  /// The global norm of the gradient is cut to this; nil: not.
  public var clipNorm: Double?
  /// Every number of the gradient is cut to this; nil: not. Before `clipNorm`.
  public var clipValue: Double?
  /// The decay of an exponential moving average of the weights, such as 0.999, which is then what is validated and kept;
  /// nil: none.
  public var averageDecay: Double?
  /// How much of the learning rate each layer gets.
  public var learningRateFactors = LearningRateFactors()
  /// nil: watch the validation loss (the training loss without a validation split) and never stop early.
  public var stop: EarlyStopping?
  public var order = Order.shuffled
  /// Leave out an epoch's last batch when it is not full.
  public var dropLast = false
  public var augmentations: [any Augmentation] = []
  public var batchAugmentations: [any BatchAugmentation] = []
  /// Names the augmentations with their options; a checkpoint with another text is refused.
  public var augmentationSummary = ""
  /// A checkpoint is written within an epoch when so many seconds have passed since the last; nil: only at its end.
  public var checkpointSeconds: Double? = 300
  /// ... or after so many batches; nil: whatever their number.
  public var checkpointBatches: Int?
  /// Which epochs leave a model file; nil: none but the best.
  public var checkpoints: CheckpointRules?
  /// Memory for decoded pictures, in bytes.
  public var cacheBudget = 1 << 30
  /// The run stops when a larger share of the pictures than this cannot be read; nil: 0.05, and ten are always allowed.
  public var failureLimit: Double?
  /// Facts for the model file's provenance: recipe, parameters, versions.
  public var provenance: [String: String] = [:]

  public init(loss: any Loss, optimizer: any Optimizer) {
    self.loss = loss
    self.optimizer = optimizer
  }

  /// The disk that a run takes at most.
  public func diskNeed(network: Network) -> DiskNeed {
    DiskNeed(
      network: network, optimizerSlots: optimizer.slotNames.count, averages: averageDecay != nil, rules: checkpoints,
      epochs: epochs)
  }

  /// The options of a training run that stand beside network, data, loss and optimizer in a recipe.
  public static let optionSchemas: [OptionSchema] = [
    OptionSchema(
      "epochs", .integer, default: .integer(20), minimum: 1, maximum: 1e9, help: "Passes over the training pictures."),
    OptionSchema("batch", .integer, default: .integer(32), minimum: 1, maximum: 65536, help: "Pictures a step."),
    OptionSchema("clip_norm", .number, minimum: 1e-12, help: "Cuts the global norm of the gradient to this."),
    OptionSchema("clip_value", .number, minimum: 1e-12, help: "Cuts every number of the gradient to this."),
    OptionSchema(
      "learning_rate_factors", .table,
      help:
        "Factors on the learning rate by layer, as in { output_dense = 10, [\"convNeXt0_*\"] = 0.1 }; `*` stands for any characters."
    ),
    OptionSchema(
      "layer_decay", .number, minimum: 1e-6, maximum: 1,
      help:
        "The factor on the learning rate from one block of layers to the one below it; the last gets the whole rate."),
    OptionSchema(
      "ema", .number, minimum: 0, maximum: 0.999_999_9,
      help: "Decay of an exponential moving average of the weights, which is then validated and kept."),
    OptionSchema(
      "order", .choice(Order.allCases.map(\.rawValue)), default: .string("shuffled"),
      help: "How pictures are drawn: in order, shuffled, or every class equally often."),
    OptionSchema("drop_last", .boolean, default: .boolean(false), help: "Leave out a last batch that is not full."),
    OptionSchema(
      "class_weights", .either([.choice(["none", "balanced"]), .list(.number)]), default: .string("none"), minimum: 0,
      help:
        "How much each class counts in the loss: 'balanced', or a number for each class of the data (or of the model)."
    ),
    OptionSchema(
      "checkpoint_seconds", .number, default: .number(300), minimum: 0,
      help: "Seconds between checkpoints within an epoch; 0 writes them at the ends of epochs only."),
    OptionSchema("checkpoint_batches", .integer, minimum: 1, help: "Batches between checkpoints within an epoch."),
    OptionSchema(
      "cache", .number, default: .number(1024), minimum: 0, maximum: 1e9,
      help: "Megabytes of memory for decoded pictures."),
    OptionSchema(
      "failure_limit", .number, minimum: 0, maximum: 1,
      help: "The share of unreadable pictures above which the run stops; left out: 0.05, and ten are always allowed."),
  ]

  /// Takes over the values of `optionSchemas`.
  ///
  /// - Throws: `TrainingError.setting` for a learning rate factor that is none.
  public mutating func apply(_ options: Options) throws(TrainingError) {
    learningRateFactors.layerDecay = options.optionalNumber("layer_decay")
    if case .table(let factors)? = options["learning_rate_factors"] {
      for (layer, value) in factors.sorted(by: { $0.key < $1.key }) {
        learningRateFactors.byLayer[layer] = try TrainingSettings.factor(value, layer: layer)
      }
    }
    epochs = options.integer("epochs")
    batchSize = options.integer("batch")
    clipNorm = options.optionalNumber("clip_norm")
    clipValue = options.optionalNumber("clip_value")
    averageDecay = options.optionalNumber("ema")
    order = Order(rawValue: options.string("order")) ?? .shuffled
    dropLast = options.boolean("drop_last")
    switch options["class_weights"] {
    case .string("balanced")?: classWeights = .balanced
    case .list?: classWeights = .values(options.numbers("class_weights").map(Float.init))
    default: classWeights = .none
    }
    let seconds = options.number("checkpoint_seconds")
    checkpointSeconds = seconds == 0 ? nil : seconds
    checkpointBatches = options.optionalInteger("checkpoint_batches")
    cacheBudget = Int(options.number("cache") * 1_048_576)
    failureLimit = options.optionalNumber("failure_limit")
  }

  private static func factor(_ value: OptionValue, layer: String) throws(TrainingError) -> Double {
    let factor: Double? =
      switch value {
      case .number(let number): number
      case .integer(let integer): Double(integer)
      default: nil
      }
    guard let factor, factor.isFinite, factor >= 0 else {
      throw .setting(
        "the learning rate factor of '\(layer)' must be a number of 0 or more, as in { output_dense = 10 }")
    }
    return factor
  }
}
