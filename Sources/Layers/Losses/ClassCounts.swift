import Foundation
import Schemas

/// How often each class occurs, for the losses that make up for it.
struct ClassCounts {
  let values: [Double]
  let total: Double

  /// The smallest number that the original of these losses divides by or takes the logarithm of.
  static let epsilon = 1e-7

  /// - Parameter values: not negative.
  init(_ values: [Double]) {
    self.values = values
    total = values.reduce(0, +)
  }

  static let option = OptionSchema(
    "class_counts", .list(.number), minimum: 0,
    help: "How often each class of the model occurs; as counted in the training pictures when left out.")

  /// The option of losses that use `inverseEffectiveNumbers`.
  static let betaOption = OptionSchema(
    "beta", .number, default: .number(0.99), minimum: 0, maximum: 1,
    help: "From 0 (all classes weigh the same) to 1 (by the inverse of their counts).")

  /// The option of losses that use `logPriors`.
  static let tauOption = OptionSchema(
    "tau", .number, default: .number(1), minimum: 0,
    help: "The power of the class frequencies; 0 switches the adjustment off.")

  /// `v[k] = (1 - beta) / (1 - beta^counts[k])`, divided by their sum; 0 for a class that does not occur.
  ///
  /// One over the effective number of samples (Cui et al. 2019); `1 / counts[k]` for beta = 1, its limit.
  func inverseEffectiveNumbers(beta: Double) -> [Double] {
    let weights = values.map { count -> Double in
      if count <= 0 { return 0 }
      if beta == 1 { return 1 / count }
      if beta == 0 { return 1 }
      // 1 - beta^count, without loss of digits for beta near 1 or a small part of a count.
      return (1 - beta) / -expm1(count * log(beta))
    }
    let sum = weights.reduce(0, +)
    return sum > 0 ? weights.map { $0 / sum } : weights
  }

  /// `log((counts[k] / total)^tau + 1e-7)`
  func logPriors(tau: Double) -> [Double] {
    values.map { log(pow(total > 0 ? $0 / total : 1, tau) + ClassCounts.epsilon) }
  }

  /// `u[k] = (1 - counts[k] / total) / m`, m the smallest of these numerators, 1e-7 or more.
  var inverseFrequencies: [Double] {
    let rarity = values.map { 1 - (total > 0 ? $0 / total : 0) }
    let smallest = max(rarity.min() ?? 1, ClassCounts.epsilon)
    return rarity.map { $0 / smallest }
  }
}
