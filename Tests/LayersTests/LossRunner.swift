import Layers
import Schemas

/// A loss and its gradient for some rows.
struct LossResult {
  let value: Double
  let gradient: [Float]

  init(_ loss: any Loss, _ logits: [Float], _ labels: [Float], classes: Int, weights: [Float]? = nil) {
    var gradient = [Float](repeating: .nan, count: logits.count)
    value = loss.evaluate(
      logits: logits, labels: labels, count: logits.count / classes, classes: classes, classWeights: weights,
      logitsGradient: &gradient)
    self.gradient = gradient
  }

  var isFinite: Bool { value.isFinite && gradient.allSatisfy(\.isFinite) }
}

/// All losses of the registry with a set of options each; a combination among them.
enum LossCase {
  static let names = LossRegistry.all.map { $0.schema.name }
  static let counts: [Double] = [175, 109, 707, 103, 172]

  static func make(_ name: String, counts: [Double] = counts) throws -> any Loss {
    var options: [String: OptionValue] = [:]
    if name == "combine" {
      options["losses"] = .list([
        .table(["loss": .string("la"), "weight": .number(0.5)]),
        .table(["loss": .string("cos"), "weight": .integer(2)]),
        .table(["loss": .string("ce"), "options": .table(["label_smoothing": .number(0.1)])]),
      ])
    }
    return try LossRegistry.loss(named: name, options: options).fitted(toClassCounts: counts)
  }
}

/// The derivative of a loss by one number, from four values at its sides (error of the order of the step's fourth power).
///
/// - Parameter loss: of the numbers; they and the step should be multiples of a power of 2, so that sums are exact.
func derivative(_ values: [Float], at index: Int, step: Float = 1 / 4096, of loss: ([Float]) throws -> Double) rethrows
  -> Double
{
  func value(_ steps: Float) throws -> Double {
    var moved = values
    moved[index] += steps * step
    return try loss(moved)
  }
  return try (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * Double(step))
}

/// Numbers that a float32 holds with room to spare: multiples of 1/1024.
func roundValues(_ values: [Float]) -> [Float] { values.map { ($0 * 1024).rounded() / 1024 } }

/// Rows that are distributions; every other one has all its weight on one class.
func randomLabels(rows: Int, classes: Int, from values: [Float]) -> [Float] {
  (0..<rows).flatMap { row -> [Float] in
    if row % 2 == 0 { return (0..<classes).map { $0 == (row / 2) % classes ? 1 : 0 } }
    let slice = values[row * classes..<(row + 1) * classes]
    let sum = slice.reduce(0, +)
    return slice.map { $0 / sum }
  }
}
