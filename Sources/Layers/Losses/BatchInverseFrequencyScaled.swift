import Schemas

/// Cross-entropy of logits that are multiplied by the normalised inverse class frequencies of each batch:
/// Herbariograph's `lwb`.
///
///     b    = sum over n of y
///     u    = (1 - b / sum b) / m; m the smallest 1 - b / sum b, 1e-7 or more
///     loss = mean over n of  -sum y log softmax(u z)
public struct BatchInverseFrequencyScaled: Loss {
  public static let schema = Schema(
    "lwb", help: "Cross-entropy of the logits times the normalised inverse class frequencies of each batch.")

  public let options: Options

  public init(options: Options) { self.options = options }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    let factors = batch.classCounts.inverseFrequencies
    return batch.mean(gradient: logitsGradient) { example in
      for k in 0..<example.classes { example.logits[k] *= factors[k] }
      let loss = example.softmaxCrossEntropy()
      for k in 0..<example.classes { example.gradient[k] *= factors[k] }
      return loss
    }
  }
}
