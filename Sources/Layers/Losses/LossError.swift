/// Options of a loss that cannot be.
public enum LossError: Error, Equatable, Sendable {
  /// The option `class_counts` is for another number of classes.
  case classCounts(found: Int, classes: Int)
  /// Every number of this option is 0.
  case onlyZeros(option: String)
  /// A list of parts of which one is no loss with a weight; counted from 1.
  case part(Int)
  case noParts
  case weightCount(found: Int, expected: Int)
}

extension LossError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .classCounts(let found, let classes):
      "the length of 'class_counts' is \(found), but there are \(classes) classes"
    case .onlyZeros(let option): "'\(option)' has only zeros; at least one must be more than 0"
    case .part(let number):
      "entry \(number) of 'losses' must have a 'loss' (a name), and may have 'options' and a 'weight' of 0 or more"
    case .noParts: "at least one loss is wanted"
    case .weightCount(let found, let expected): "'weights' must have \(expected) numbers, not \(found)"
    }
  }
}
