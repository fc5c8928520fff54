import Schemas

/// The squared difference between the logits, as they are, and the label (Hui and Belkin 2021, arXiv 2006.07322).
///
///     loss = mean over n of  sum (z - y)^2
///     d loss / d z = 2 (z - y) / n
public struct MeanSquaredError: Loss {
  public static let schema = Schema("mse", help: "The squared error of the logits, summed over classes.")

  public let options: Options

  public init(options: Options) { self.options = options }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    batch.mean(gradient: logitsGradient) { example in
      var loss = 0.0
      for k in 0..<example.classes {
        let difference = example.logits[k] - example.labels[k]
        loss += difference * difference
        example.gradient[k] = 2 * difference
      }
      return loss
    }
  }
}
