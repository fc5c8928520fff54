import Schemas

/// What a student has yet to learn from a teacher: the divergence of its softened answers from the teacher's (Hinton et
/// al. 2015, arXiv 1503.02531).
///
///     p    = softmax(teacher / T)
///     q    = softmax(student / T)
///     loss = mean over n of  sum p (log p - log q)
///     d loss / d student = (q - p) / (T n)
///
/// There is no factor T^2, as in Herbariograph: to weigh it against a loss of labels, multiply it. Computed in float64
/// from log softmax, so logits of any finite size are safe.
public struct Distillation: Sendable {
  public static let schema = Schema(
    "distillation", help: "The divergence of the student's softened answers from the teacher's (Hinton et al. 2015).",
    options: [
      OptionSchema(
        "temperature", .number, default: .number(12.5), minimum: 1e-3,
        help: "What the logits are divided by: the higher, the more the small probabilities matter.")
    ])

  public let options: Options
  public let temperature: Double

  public init(options: Options) {
    self.options = options
    temperature = options.number("temperature")
  }

  /// The mean over `count` examples.
  ///
  /// - Parameters:
  ///   - studentLogits: `[count, classes]`, before softmax; the teacher's likewise, which are constants.
  ///   - count: examples, 1 or more.
  ///   - studentLogitsGradient: receives the gradient, `[count, classes]`; nil when not wanted.
  /// - Returns: not-a-number when a logit of the student is not finite; not finite when one of the teacher's is not.
  public func evaluate(
    studentLogits: UnsafePointer<Float>, teacherLogits: UnsafePointer<Float>, count: Int, classes: Int,
    studentLogitsGradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    let batch = LossBatch(logits: studentLogits, labels: teacherLogits, count: count, classes: classes)
    return batch.mean(gradient: studentLogitsGradient) { example in
      let teacher = LossExample(
        classes: classes, logits: example.labels, labels: example.labels, gradient: example.gradient)
      for k in 0..<classes {
        example.logits[k] /= temperature
        teacher.logits[k] /= temperature
      }
      let teacherLogSum = teacher.softmax()
      var entropy = 0.0
      for k in 0..<classes {
        let p = example.gradient[k]
        // p log p, which is 0 where p has underflowed.
        entropy -= p * (teacher.logits[k] - teacherLogSum)
      }
      for k in 0..<classes { example.labels[k] = example.gradient[k] }
      let crossEntropy = example.softmaxCrossEntropy()
      for k in 0..<classes { example.gradient[k] /= temperature }
      return crossEntropy - entropy
    }
  }
}
