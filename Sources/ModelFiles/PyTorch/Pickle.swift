/// What a pickle describes, as far as it is made of tensors, numbers, texts, lists, tuples and tables.
///
/// Nothing is ever called: functions and classes are names, of which a few are understood, and any other ends the reading.
struct Pickle {
  var root = PickleValue.none
  var tuples: [[PickleValue]] = []
  var lists: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var storages: [TorchStorage] = []
  var tensors: [TorchTensor] = []
  /// Bytes that the pickle has.
  var byteCount = 0

  /// Longer pickles are refused. The numbers of tensors are not in them; a few hundred bytes a tensor are.
  static let maximumBytes = 8 << 20

  func entries(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    if case .dictionary(let place) = value { dictionaries[place] } else { nil }
  }

  /// The members of a tuple or list.
  func members(_ value: PickleValue) -> [PickleValue]? {
    switch value {
    case .tuple(let place): tuples[place]
    case .list(let place): lists[place]
    default: nil
    }
  }

  /// At most 16 integers: a shape.
  func integers(_ value: PickleValue) -> [Int]? {
    guard let members = members(value), members.count <= 16 else { return nil }
    var result: [Int] = []
    for case .integer(let number) in members { result.append(number) }
    return result.count == members.count ? result : nil
  }
}
