import Schemas

/// What training makes small: a number for a batch of logits and labels, and its gradient.
///
/// The formulas of the losses write y for labels, z for logits, n for the examples of a batch, k for classes. Sums are
/// over classes unless they say otherwise.
public protocol Loss: Sendable {
  /// The name that recipes use, its options, and a line of help.
  static var schema: Schema { get }

  /// - Throws: `LossError` for a combination of options without meaning.
  init(options: Options) throws

  var options: Options { get }

  /// The loss that knows how often each class occurs in the training pictures; itself where that does not matter.
  ///
  /// What the option `class_counts` says goes before.
  ///
  /// - Parameter counts: one a class, in the order of the logits.
  /// - Throws: `LossError.classCounts` when the option has another number of classes; `.onlyZeros`.
  func fitted(toClassCounts counts: [Double]) throws -> any Loss

  /// The loss of a batch.
  ///
  /// A loss that rests on class counts must have been fitted to them, or have them as an option.
  ///
  /// - Parameter logitsGradient: receives the gradient of the returned number, `[count, classes]`; nil when not wanted.
  /// - Returns: the loss; not finite when a logit is not.
  func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double
}

extension Loss {
  public func fitted(toClassCounts counts: [Double]) throws -> any Loss { self }

  /// The loss of a batch that is given as its parts; see `LossBatch`.
  public func evaluate(
    logits: UnsafePointer<Float>, labels: UnsafePointer<Float>, count: Int, classes: Int, classWeights: [Float]?,
    logitsGradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    let batch = LossBatch(logits: logits, labels: labels, count: count, classes: classes, classWeights: classWeights)
    return evaluate(batch, logitsGradient: logitsGradient)
  }
}
