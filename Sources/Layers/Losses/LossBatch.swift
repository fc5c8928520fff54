/// What a loss is computed from.
public struct LossBatch {
  /// `[count, classes]`, before softmax.
  public let logits: UnsafePointer<Float>
  /// `[count, classes]`, each row a distribution over the classes.
  public let labels: UnsafePointer<Float>
  /// Examples, 1 or more.
  public let count: Int
  public let classes: Int
  /// One factor a class, applied to each example by the class with its highest label; nil: all 1.
  ///
  /// The loss is still divided by what it would be divided by without weights.
  public let classWeights: [Float]?

  public init(
    logits: UnsafePointer<Float>, labels: UnsafePointer<Float>, count: Int, classes: Int, classWeights: [Float]? = nil
  ) {
    self.logits = logits
    self.labels = labels
    self.count = count
    self.classes = classes
    self.classWeights = classWeights
  }

  /// How often each class occurs in the batch, a mixed label counting in parts.
  var classCounts: ClassCounts {
    var sums = [Double](repeating: 0, count: classes)
    for example in 0..<count {
      for k in 0..<classes { sums[k] += Double(labels[example * classes + k]) }
    }
    return ClassCounts(sums)
  }

  /// `1 / count * sum over examples of the class weight * value(example)`, and its gradient.
  func mean(
    gradient: UnsafeMutablePointer<Float>?, _ value: (LossExample) -> Double
  ) -> Double {
    sum(scale: 1 / Double(count), gradient: gradient, value)
  }

  /// `scale * sum over examples of the class weight * value(example)`, and its gradient.
  ///
  /// - Parameter value: gives the loss of one example, and writes its gradient into all of `LossExample.gradient`.
  /// - Returns: not-a-number when a logit is not finite.
  func sum(
    scale: Double, gradient: UnsafeMutablePointer<Float>?, _ value: (LossExample) -> Double
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * max(1, classes)) { scratch in
      guard let start = scratch.baseAddress else { return 0 }
      scratch.initialize(repeating: 0)
      let example = LossExample(
        classes: classes, logits: start, labels: start + classes, gradient: start + 2 * classes)
      var total = 0.0
      for row in 0..<count {
        let offset = row * classes
        var isFinite = true
        for k in 0..<classes {
          let logit = logits[offset + k]
          isFinite = isFinite && logit.isFinite
          example.logits[k] = Double(logit)
          example.labels[k] = Double(labels[offset + k])
        }
        let factor = scale * weight(ofRow: row)
        let loss = value(example)
        total += isFinite ? factor * loss : .nan
        if let gradient {
          for k in 0..<classes { gradient[offset + k] = Float(factor * example.gradient[k]) }
        }
      }
      return total
    }
  }

  /// The class weight of the class with the highest label, the first of several.
  private func weight(ofRow row: Int) -> Double {
    guard let classWeights else { return 1 }
    let labels = labels + row * classes
    var best = 0
    for k in 1..<max(1, classes) where labels[k] > labels[best] { best = k }
    return Double(classWeights[best])
  }
}
