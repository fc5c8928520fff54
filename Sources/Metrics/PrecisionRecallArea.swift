import Foundation

/// The area under the precision-recall curve as `keras.metrics.AUC(curve="PR", multi_label=False, from_logits=True)`
/// computes it, in a form that takes batches.
///
/// Every (example, class) pair is one binary decision. Its score is the *sigmoid* of its logit; 200 thresholds
/// (0, 1/199, ..., 1) cut the scores; between two thresholds precision is interpolated as Davis and Goadrich (2006) do.
/// 0 when there is no positive.
public struct PrecisionRecallArea: Equatable, Sendable {
  private static let thresholdCount = 200

  /// `positives[i]` are the positive pairs above threshold i and not above threshold i + 1.
  private var positives = [Int](repeating: 0, count: PrecisionRecallArea.thresholdCount)
  private var negatives = [Int](repeating: 0, count: PrecisionRecallArea.thresholdCount)

  public init() {}

  /// Adds the logits of one example.
  public mutating func add(logits: UnsafeBufferPointer<Float>, label: Int) {
    for (index, logit) in logits.enumerated() { add(logit: logit, isPositive: index == label) }
  }

  private mutating func add(logit: Float, isPositive: Bool) {
    let score = 1 / (1 + exp(-logit))
    // Keras puts scores into buckets in float32; the comparison leaves NaN in the lowest one.
    let scaled = (score * Float(PrecisionRecallArea.thresholdCount - 1)).rounded(.up) - 1
    let bucket = scaled > 0 ? Int(scaled) : 0
    if isPositive { positives[bucket] += 1 } else { negatives[bucket] += 1 }
  }

  /// The area, in 0 ... 1.
  public var value: Double {
    let total = positives.reduce(0, +)
    if total == 0 { return 0 }
    var area = 0.0
    // From the highest threshold down: what is above it, and what is above the one below.
    var truesAbove = 0.0
    var allAbove = 0.0
    for bucket in positives.indices.dropLast().reversed() {
      let trues = truesAbove + Double(positives[bucket])
      let all = allAbove + Double(positives[bucket] + negatives[bucket])
      if all > allAbove {
        let slope = (trues - truesAbove) / (all - allAbove)
        let intercept = truesAbove - slope * allAbove
        let ratio = all > 0 && allAbove > 0 ? all / allAbove : 1
        area += slope * (trues - truesAbove + intercept * log(ratio))
      }
      truesAbove = trues
      allAbove = all
    }
    return area / Double(total)
  }
}
