import Networks
import Tensors

/// The mean of several parameter sets of one network, as a running sum in float64.
///
/// A sum of numbers of float32 in float64 is exact unless they differ by more than 2^29 over their count in size: the mean
/// of 60 models is right to the last bit in all but freak cases, in whatever order they come.
package final class WeightAverage {
  private let update: SoupSettings.Update
  /// `uniform`: the sum; `pairwise`: the mean itself.
  private var sums: [[Double]]
  package private(set) var count = 0

  /// - Parameter parameters: of the network; their numbers do not matter.
  package init(like parameters: ParameterSet, update: SoupSettings.Update) {
    self.update = update
    sums = parameters.entries.map { Array(repeating: 0, count: $0.tensor.count) }
  }

  /// Lets a model join.
  package func add(_ model: ParameterSet) {
    let halves = update == .pairwise && count > 0
    for (index, entry) in model.entries.enumerated() {
      let source = entry.tensor.pointer
      sums[index].withUnsafeMutableBufferPointer { sums in
        if halves {
          for i in sums.indices { sums[i] = (sums[i] + Double(source[i])) / 2 }
        } else {
          for i in sums.indices { sums[i] += Double(source[i]) }
        }
      }
    }
    count += 1
  }

  /// Writes the mean as it would be with one more model, or as it is.
  package func write(with newcomer: ParameterSet? = nil, to target: ParameterSet) {
    precondition(count > 0 || newcomer != nil, "the mean of no models")
    let divisor: Double
    switch (update, newcomer, count) {
    case (.pairwise, nil, _): divisor = 1
    case (.pairwise, _?, 0): divisor = 1
    case (.pairwise, _?, _): divisor = 2
    case (.uniform, nil, _): divisor = Double(count)
    case (.uniform, _?, _): divisor = Double(count + 1)
    }
    for (index, entry) in target.entries.enumerated() {
      let output = entry.tensor.pointer
      let extra = newcomer.map { UnsafePointer($0.entries[index].tensor.pointer) }
      sums[index].withUnsafeBufferPointer { sums in
        if let extra {
          for i in sums.indices { output[i] = Float((sums[i] + Double(extra[i])) / divisor) }
        } else {
          for i in sums.indices { output[i] = Float(sums[i] / divisor) }
        }
      }
    }
  }
}
