import Foundation

/// One example of a batch, in float64: what a loss reads, and where it writes its gradient.
///
/// Logits and labels are copies, which a loss may change on its way.
struct LossExample {
  let classes: Int
  let logits: UnsafeMutablePointer<Double>
  let labels: UnsafeMutablePointer<Double>
  /// By the logits as they were given.
  let gradient: UnsafeMutablePointer<Double>

  /// `labels[k] = (1 - smoothing) labels[k] + smoothing / classes` (Szegedy et al. 2016).
  func smoothLabels(_ smoothing: Double) {
    if smoothing == 0 { return }
    for k in 0..<classes { labels[k] = (1 - smoothing) * labels[k] + smoothing / Double(classes) }
  }

  /// Writes the softmax of the logits into `gradient`, where there is room for it until the gradient is known.
  ///
  /// - Returns: the logarithm of the sum of the exponentials of the logits: `log softmax(z) = z - this`.
  func softmax() -> Double {
    var peak = -Double.infinity
    for k in 0..<classes { peak = max(peak, logits[k]) }
    var sum = 0.0
    for k in 0..<classes {
      gradient[k] = exp(logits[k] - peak)
      sum += gradient[k]
    }
    for k in 0..<classes { gradient[k] /= sum }
    return peak + log(sum)
  }

  /// `-sum y log softmax(z)`; the gradient is `softmax(z) * sum(y) - y`.
  func softmaxCrossEntropy() -> Double {
    let logSum = softmax()
    var labelSum = 0.0
    var loss = 0.0
    for k in 0..<classes {
      labelSum += labels[k]
      loss += labels[k] * (logSum - logits[k])
    }
    for k in 0..<classes { gradient[k] = gradient[k] * labelSum - labels[k] }
    return loss
  }

  /// `sum of sigmoidCE(y, z) = max(z, 0) - y z + log(1 + exp(-|z|))`, all times `weight`; the gradient is
  /// `weight * (sigmoid(z) - y)`.
  func sigmoidCrossEntropy(weight: Double) -> Double {
    var loss = 0.0
    for k in 0..<classes {
      loss += max(logits[k], 0) - labels[k] * logits[k] + log1p(exp(-abs(logits[k])))
      gradient[k] = weight * (sigmoid(logits[k]) - labels[k])
    }
    return weight * loss
  }

  /// `sum y weights`: the example's weight by its classes.
  func labelled(_ weights: [Double]) -> Double {
    var sum = 0.0
    for k in 0..<classes { sum += labels[k] * weights[k] }
    return sum
  }

  /// Replaces the logits by `z / |z|`.
  ///
  /// As in TensorFlow, a vector shorter than 1e-6 is divided by 1e-6, so that zeros stay zeros.
  ///
  /// - Returns: what turns a gradient by the normalised logits into one by the logits.
  func normalise() -> UnitGradient {
    var squares = 0.0
    for k in 0..<classes { squares += logits[k] * logits[k] }
    let length = max(squares, 1e-12).squareRoot()
    for k in 0..<classes { logits[k] /= length }
    return UnitGradient(example: self, length: length, isOnSphere: squares > 1e-12)
  }

  struct UnitGradient {
    fileprivate let example: LossExample
    fileprivate let length: Double
    fileprivate let isOnSphere: Bool

    /// Turns `example.gradient` g by u = z / |z| into that by z: `(g - (g . u) u) / |z|`.
    func apply() {
      let (u, g) = (example.logits, example.gradient)
      var along = 0.0
      if isOnSphere { for k in 0..<example.classes { along += g[k] * u[k] } }
      for k in 0..<example.classes { g[k] = (g[k] - along * u[k]) / length }
    }
  }
}

/// `1 / (1 + exp(-x))`, without overflow.
func sigmoid(_ x: Double) -> Double {
  if x >= 0 { return 1 / (1 + exp(-x)) }
  let e = exp(x)
  return e / (1 + e)
}
