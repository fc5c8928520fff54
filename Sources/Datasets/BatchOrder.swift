import Tensors

/// The order in which an epoch goes through its samples.
public enum BatchOrder: String, CaseIterable, Sendable {
  /// As given.
  case sequential
  /// A new permutation every epoch.
  case shuffled
  /// Every class equally often, shuffled: of n samples in k classes each class has n / k, rounded up. A class with more
  /// is drawn from without replacement, one with fewer is gone through again and again.
  case balanced

  /// The samples of one epoch.
  ///
  /// - Parameters:
  ///   - indices: places in `dataset.samples`.
  ///   - key: the run's; the draw depends on it and on the epoch.
  public func sequence(of indices: [Int], in dataset: Dataset, key: RandomKey, epoch: Int) -> [Int] {
    if self == .sequential { return indices }
    var stream = RandomStream(key.deriving("order").deriving(epoch))
    if self == .shuffled { return indices.shuffled(using: &stream) }
    // A sample without a class (a record that cannot be read) cannot be drawn by its class.
    let members = Dictionary(grouping: indices.filter { dataset.samples[$0].label >= 0 }) { dataset.samples[$0].label }
    let share = members.isEmpty ? 0 : (indices.count + members.count - 1) / members.count
    var sequence: [Int] = []
    for label in members.keys.sorted() {
      var drawn: [Int] = []
      while drawn.count < share { drawn += (members[label] ?? []).shuffled(using: &stream) }
      sequence += drawn.prefix(share)
    }
    return sequence.shuffled(using: &stream)
  }
}
