import Schemas

/// The absolute difference between the normalised logits and the label.
///
///     u    = z / |z|
///     loss = mean over n of  sum |u - y|
///
/// Ghosh et al. 2017 (arXiv 1712.09482) show that absolute errors forgive wrong labels; theirs are of the softmax, these,
/// as Herbariograph's, of the normalised logits. Where u = y the gradient is 0; a |z| below 1e-6 counts as 1e-6.
public struct MeanAbsoluteError: Loss {
  public static let schema = Schema(
    "mae", help: "The absolute error of the normalised logits, summed over classes.")

  public let options: Options

  public init(options: Options) { self.options = options }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    batch.mean(gradient: logitsGradient) { example in
      let toLogits = example.normalise()
      var loss = 0.0
      for k in 0..<example.classes {
        let difference = example.logits[k] - example.labels[k]
        loss += abs(difference)
        example.gradient[k] = difference > 0 ? 1 : difference < 0 ? -1 : 0
      }
      toLogits.apply()
      return loss
    }
  }
}
