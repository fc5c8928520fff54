import Schemas

/// One minus the cosine between logits and label (Barz and Denzler 2020, arXiv 1901.09054).
///
///     u    = z / |z|
///     loss = mean over n of  1 - sum y u
///     d loss / d z = (u sum(y u) - y) / (n |z|)
///
/// For mixed labels y is not divided by its length, as in Herbariograph. A |z| below 1e-6 counts as 1e-6.
public struct CosineLoss: Loss {
  public static let schema = Schema("cos", help: "One minus the cosine between the logits and the label.")

  public let options: Options

  public init(options: Options) { self.options = options }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    batch.mean(gradient: logitsGradient) { example in
      let toLogits = example.normalise()
      var cosine = 0.0
      for k in 0..<example.classes {
        cosine += example.labels[k] * example.logits[k]
        example.gradient[k] = -example.labels[k]
      }
      toLogits.apply()
      return 1 - cosine
    }
  }
}
