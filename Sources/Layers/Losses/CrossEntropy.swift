import Foundation
import Schemas

/// Cross-entropy of the softmax of the logits, with label smoothing (Szegedy et al. 2016).
///
///     t[k]  = (1 - s) labels[k] + s / classes
///     loss  = mean over examples of  weight * sum over k of -t[k] log softmax(logits)[k]
///     d loss / d logits[k] = weight / count * (softmax[k] * sum(t) - t[k])
///
/// Computed in float64 from log softmax, so logits of any finite size are safe.
public struct CrossEntropy: Loss {
  public static let schema = Schema(
    "ce", help: "Cross-entropy of the softmax of the logits.",
    options: [
      OptionSchema(
        "label_smoothing", .number, default: .number(0), minimum: 0, maximum: 1,
        help: "The part of each label that is spread evenly over all classes.")
    ])

  public let options: Options
  private let smoothing: Double

  public init(options: Options) throws {
    self.options = options
    smoothing = options.number("label_smoothing")
  }

  public func evaluate(
    logits: UnsafePointer<Float>, labels: UnsafePointer<Float>, count: Int, classes: Int, classWeights: [Float]?,
    logitsGradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    var total = 0.0
    var exponentials = [Double](repeating: 0, count: classes)
    for example in 0..<count {
      let x = logits + example * classes
      let t = labels + example * classes
      let weight = exampleWeight(labels: t, classes: classes, classWeights: classWeights)
      let peak = Double((0..<classes).reduce(-Float.infinity) { max($0, x[$1]) })
      var sum = 0.0
      for k in 0..<classes {
        exponentials[k] = exp(Double(x[k]) - peak)
        sum += exponentials[k]
      }
      let logSum = peak + log(sum)
      var targetSum = 0.0
      var loss = 0.0
      for k in 0..<classes {
        let target = smoothed(t[k], classes)
        targetSum += target
        if target != 0 { loss += target * (logSum - Double(x[k])) }
      }
      total += weight * loss
      if let gradient = logitsGradient.map({ $0 + example * classes }) {
        let scale = weight / Double(count)
        for k in 0..<classes {
          gradient[k] = Float(scale * (exponentials[k] / sum * targetSum - smoothed(t[k], classes)))
        }
      }
    }
    return total / Double(count)
  }

  private func smoothed(_ label: Float, _ classes: Int) -> Double {
    (1 - smoothing) * Double(label) + smoothing / Double(classes)
  }
}

/// The class weight of the class with the highest label, the first of several.
func exampleWeight(labels: UnsafePointer<Float>, classes: Int, classWeights: [Float]?) -> Double {
  guard let classWeights else { return 1 }
  var best = 0
  for k in 1..<max(1, classes) where labels[k] > labels[best] { best = k }
  return Double(classWeights[best])
}
