import Schemas

/// Cross-entropy of the softmax of the logits, with label smoothing (Szegedy et al. 2016).
///
///     t    = (1 - s) y + s / k
///     loss = mean over n of  -sum t log softmax(z)
///     d loss / d z = (softmax(z) * sum(t) - t) / n
///
/// Computed in float64 from log softmax, so logits of any finite size are safe.
public struct CrossEntropy: Loss {
  public static let schema = Schema(
    "ce", help: "Cross-entropy of the softmax of the logits.", options: [smoothingOption(default: 0)])

  public let options: Options
  private let smoothing: Double

  public init(options: Options) {
    self.options = options
    smoothing = options.number("label_smoothing")
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    batch.mean(gradient: logitsGradient) { example in
      example.smoothLabels(smoothing)
      return example.softmaxCrossEntropy()
    }
  }

  /// For all losses with smoothed labels.
  static func smoothingOption(default value: Double) -> OptionSchema {
    OptionSchema(
      "label_smoothing", .number, default: .number(value), minimum: 0, maximum: 1,
      help: "The part of each label that is spread evenly over all classes.")
  }
}
