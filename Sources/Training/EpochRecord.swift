/// What one epoch came to.
public struct EpochRecord: Codable, Equatable, Sendable {
  /// From 1.
  public var epoch: Int
  /// Optimizer steps since the run began.
  public var step: Int
  /// The learning rate of the epoch's last step.
  public var learningRate: Double
  /// Mean over the epoch's samples of the loss during training, L2 terms included.
  public var trainingLoss: Double
  /// Of the augmented pictures, as the network was when it saw each.
  public var trainingAccuracy: Double
  /// nil when the run has no validation split.
  public var validation: SplitMetrics?
  /// Seconds of wall-clock time, validation included.
  public var seconds: Double
  /// Training only.
  public var imagesPerSecond: Double
  /// Files of this epoch that could not be read.
  public var failedFiles: Int

  public init(
    epoch: Int, step: Int, learningRate: Double, trainingLoss: Double, trainingAccuracy: Double,
    validation: SplitMetrics?, seconds: Double = 0, imagesPerSecond: Double = 0, failedFiles: Int = 0
  ) {
    self.epoch = epoch
    self.step = step
    self.learningRate = learningRate
    self.trainingLoss = trainingLoss
    self.trainingAccuracy = trainingAccuracy
    self.validation = validation
    self.seconds = seconds
    self.imagesPerSecond = imagesPerSecond
    self.failedFiles = failedFiles
  }

  /// The names that `metric` knows.
  public static let metricNames = [
    "training.loss", "training.accuracy", "validation.loss", "validation.accuracy", "validation.macro_f1",
    "validation.aucpr",
  ]

  /// By one of `metricNames`; nil when the name is none or the run has no validation split.
  public func metric(_ name: String) -> Double? {
    switch name {
    case "training.loss": trainingLoss
    case "training.accuracy": trainingAccuracy
    case "validation.loss": validation?.loss
    case "validation.accuracy": validation?.accuracy
    case "validation.macro_f1": validation?.macroF1
    case "validation.aucpr": validation?.aucpr
    default: nil
    }
  }
}

/// Metrics of a whole split.
public struct SplitMetrics: Codable, Equatable, Sendable {
  /// L2 terms included.
  public var loss: Double
  public var accuracy: Double
  public var macroF1: Double
  public var aucpr: Double

  public init(loss: Double, accuracy: Double, macroF1: Double, aucpr: Double) {
    self.loss = loss
    self.accuracy = accuracy
    self.macroF1 = macroF1
    self.aucpr = aucpr
  }
}
