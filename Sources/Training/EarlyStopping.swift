import Schemas

/// When to give up: a metric that has not improved for `patience` epochs.
public struct EarlyStopping: Codable, Equatable, Sendable {
  public enum Mode: String, Codable, CaseIterable, Sendable {
    /// Lower is better.
    case minimum
    /// Higher is better.
    case maximum
  }

  public static let schema = Schema(
    "stop", help: "Stops when a metric has not improved for some epochs; the best weights are kept.",
    options: [
      OptionSchema(
        "monitor", .choice(EpochRecord.metricNames), default: .string("validation.loss"), help: "The metric to watch."),
      OptionSchema("patience", .integer, minimum: 1, help: "Epochs without improvement; without it, never stop early."),
      OptionSchema(
        "minimum_delta", .number, default: .number(0), minimum: 0, help: "A smaller improvement does not count."),
      OptionSchema(
        "mode", .choice(Mode.allCases.map(\.rawValue)),
        help: "Which is better; from the metric's name when left out: a loss is to fall, all else to rise."),
    ])

  /// One of `EpochRecord.metricNames`.
  public var monitor: String
  /// nil: watch for the best, but never stop.
  public var patience: Int?
  public var minimumDelta: Double
  public var mode: Mode

  public init(monitor: String = "validation.loss", patience: Int? = nil, minimumDelta: Double = 0, mode: Mode? = nil) {
    self.monitor = monitor
    self.patience = patience
    self.minimumDelta = minimumDelta
    self.mode = mode ?? Mode(ofMetric: monitor)
  }

  public init(options: Options) {
    self.init(
      monitor: options.string("monitor"), patience: options.optionalInteger("patience"),
      minimumDelta: options.number("minimum_delta"),
      mode: options.optionalString("mode").flatMap(Mode.init(rawValue:)))
  }
}

/// How far early stopping has counted.
public struct EarlyStoppingState: Codable, Equatable, Sendable {
  public private(set) var best: Double?
  /// From 1; nil before the first improvement.
  public private(set) var bestEpoch: Int?
  public private(set) var epochsWithoutImprovement = 0

  public init() {}

  /// Takes in an epoch's metric.
  ///
  /// - Returns: whether it is the best so far. NaN never is.
  public mutating func update(_ value: Double, epoch: Int, rule: EarlyStopping) -> Bool {
    let isBetter: Bool
    switch (best, rule.mode) {
    case (nil, _): isBetter = !value.isNaN
    case (let best?, .minimum): isBetter = value < best - rule.minimumDelta
    case (let best?, .maximum): isBetter = value > best + rule.minimumDelta
    }
    if isBetter {
      best = value
      bestEpoch = epoch
      epochsWithoutImprovement = 0
    } else {
      epochsWithoutImprovement += 1
    }
    return isBetter
  }

  public func shouldStop(_ rule: EarlyStopping) -> Bool {
    rule.patience.map { epochsWithoutImprovement >= max(1, $0) } ?? false
  }
}
