import Schemas

/// A weighted sum of cosine loss, cross-entropy and squared error: Herbariograph's `ccm`.
///
///     loss = weights[1] cos + weights[2] ce + weights[3] mse
///
/// Barz and Denzler 2020 (arXiv 1901.09054) join the first two.
/// - SeeAlso: `CosineLoss`, `CrossEntropy` (the only part with label smoothing), `MeanSquaredError`.
public struct CosineCrossEntropySquares: Loss {
  public static let schema = Schema(
    "ccm", help: "A weighted sum of the losses cos, ce and mse.",
    options: [
      OptionSchema(
        "weights", .list(.number), default: .list([.number(1), .number(1), .number(1)]), minimum: 0,
        help: "The factors of cos, ce and mse."),
      CrossEntropy.smoothingOption(default: 0.2),
    ])

  public let options: Options
  private let sum: CombinedLoss

  /// - Throws: `LossError.weightCount`, `.onlyZeros`.
  public init(options: Options) throws {
    self.options = options
    let weights = options.numbers("weights")
    guard weights.count == 3 else { throw LossError.weightCount(found: weights.count, expected: 3) }
    if weights.allSatisfy({ $0 == 0 }) { throw LossError.onlyZeros(option: "weights") }
    let smoothing = options.number("label_smoothing")
    sum = try CombinedLoss([
      (LossRegistry.loss(named: "cos"), weights[0]),
      (LossRegistry.loss(named: "ce", options: ["label_smoothing": .number(smoothing)]), weights[1]),
      (LossRegistry.loss(named: "mse"), weights[2]),
    ])
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    sum.evaluate(batch, logitsGradient: logitsGradient)
  }
}
