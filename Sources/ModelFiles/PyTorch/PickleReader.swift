import Foundation

/// Reads one pickle, protocol 2 to 5, with the instructions that PyTorch writes for tensors.
///
/// A pickle is a program for a machine with a stack: each byte is an instruction, which pushes a value or makes one of
/// those on the stack. Marks on the stack say where a container's members begin.
///
///     ( ... 'weight' <tensor> ... u      members since the mark `(` go into the dictionary below it
struct PickleReader {
  private let bytes: UnsafeRawBufferPointer
  private var place: Int
  private var stack: [PickleValue] = []
  /// Heights of the stack where marks stand.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var storageOfKey: [String: Int] = [:]
  /// Members that were copied out of values that stayed: bounded, as few bytes could ask for much.
  private var copies = 0
  private var pickle = Pickle()

  /// - Parameters:
  ///   - start: where the pickle begins.
  /// - Throws: `PyTorchFileError.refusedGlobal`, `.pickle` or `.tensor`.
  static func read(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) throws(PyTorchFileError) -> Pickle {
    var reader = PickleReader(bytes: bytes, place: start)
    while try reader.step() {}
    reader.pickle.byteCount = reader.place - start
    return reader.pickle
  }

  private init(bytes: UnsafeRawBufferPointer, place: Int) {
    self.bytes = bytes
    self.place = place
  }

  /// - Returns: false at the end.
  private mutating func step() throws(PyTorchFileError) -> Bool {
    let instruction = try byte()
    switch Unicode.Scalar(instruction) {
    case "\u{80}": guard try byte() <= 5 else { throw .pickle(reason: "has an unknown protocol") }
    case "\u{95}": _ = try take(8)
    case ".":
      pickle.root = try pop()
      return false
    case "(": marks.append(stack.count)
    case "0": _ = try pop()
    case "1": _ = try popToMark()
    case "2": stack.append(try top())
    case "N": stack.append(.none)
    case "\u{88}": stack.append(.boolean(true))
    case "\u{89}": stack.append(.boolean(false))
    case "K": stack.append(.integer(Int(try byte())))
    case "M": stack.append(.integer(Int(try integer(UInt16.self))))
    case "J": stack.append(.integer(Int(try integer(Int32.self))))
    case "\u{8a}": stack.append(PickleReader.long(try take(Int(try byte()))))
    case "G": stack.append(.number(Double(bitPattern: try integer(UInt64.self).byteSwapped)))
    case "X", "T": stack.append(try text(Int(try integer(UInt32.self))))
    case "\u{8c}", "U": stack.append(try text(Int(try byte())))
    case "B": try bytes(Int(try integer(UInt32.self)))
    case "C": try bytes(Int(try byte()))
    case ")": pushTuple([])
    case "\u{85}": try pushTuple(last: 1)
    case "\u{86}": try pushTuple(last: 2)
    case "\u{87}": try pushTuple(last: 3)
    case "t": pushTuple(try popToMark())
    case "]": pushList([])
    case "l": pushList(try popToMark())
    case "}": pushDictionary()
    case "a": try append([try pop()])
    case "e": try append(try popToMark())
    case "s":
      let value = try pop()
      try set([try pop(), value])
    case "u": try set(try popToMark())
    case "q": memo[Int(try byte())] = try top()
    case "r": memo[Int(try integer(UInt32.self))] = try top()
    case "\u{94}": memo[memo.count] = try top()
    case "h": try recall(Int(try byte()))
    case "j": try recall(Int(try integer(UInt32.self)))
    case "c": stack.append(try global(module: try line(), name: try line()))
    case "\u{93}": try stackGlobal()
    case "Q": try storage(try pop())
    case "R": try reduce()
    case "b": try build()
    default:
      let code = String(instruction, radix: 16)
      throw .pickle(reason: "has the instruction 0x\(code) at byte \(place - 1), which tensors do not need")
    }
    return true
  }

  // MARK: bytes

  private mutating func take(_ count: Int) throws(PyTorchFileError) -> UnsafeRawBufferPointer {
    guard count <= bytes.count - place else { throw .pickle(reason: "ends in the middle of a value") }
    defer { place += count }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
  }

  private mutating func byte() throws(PyTorchFileError) -> UInt8 { try take(1)[0] }

  /// Little-endian.
  private mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws(PyTorchFileError) -> Number {
    Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
  }

  private mutating func text(_ count: Int) throws(PyTorchFileError) -> PickleValue {
    .string(String(decoding: try take(count), as: UTF8.self))
  }

  private mutating func bytes(_ count: Int) throws(PyTorchFileError) {
    _ = try take(count)
    stack.append(.bytes)
  }

  /// Up to the next line feed.
  private mutating func line() throws(PyTorchFileError) -> String {
    let start = place
    while try byte() != 10 {
      if place - start > 1000 { throw .pickle(reason: "has a name of more than 1000 bytes") }
    }
    return String(decoding: bytes[start..<place - 1], as: UTF8.self)
  }

  private static func long(_ bytes: UnsafeRawBufferPointer) -> PickleValue {
    if bytes.count > 8 { return .bigInteger(UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))) }
    let isNegative = (bytes.last ?? 0) & 0x80 != 0
    var number: UInt64 = isNegative ? .max : 0
    for byte in bytes.reversed() { number = number << 8 | UInt64(byte) }
    return .integer(Int(Int64(bitPattern: number)))
  }

  // MARK: the stack

  /// The lowest place that may be popped.
  private var floor: Int { marks.last ?? 0 }

  private func top() throws(PyTorchFileError) -> PickleValue {
    guard stack.count > floor, let value = stack.last else { throw .pickle(reason: "takes a value that is not there") }
    return value
  }

  private mutating func pop() throws(PyTorchFileError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func popToMark() throws(PyTorchFileError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw .pickle(reason: "ends a container that did not begin") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func recall(_ index: Int) throws(PyTorchFileError) {
    guard let value = memo[index] else { throw .pickle(reason: "speaks of a value \(index) that it does not have") }
    stack.append(value)
  }

  // MARK: containers

  private mutating func pushTuple(_ members: [PickleValue]) {
    pickle.tuples.append(members)
    stack.append(.tuple(pickle.tuples.count - 1))
  }

  private mutating func pushTuple(last count: Int) throws(PyTorchFileError) {
    var members: [PickleValue] = []
    for _ in 0..<count { members.append(try pop()) }
    pushTuple(members.reversed())
  }

  private mutating func pushList(_ members: [PickleValue]) {
    pickle.lists.append(members)
    stack.append(.list(pickle.lists.count - 1))
  }

  private mutating func pushDictionary() {
    pickle.dictionaries.append([])
    stack.append(.dictionary(pickle.dictionaries.count - 1))
  }

  private mutating func append(_ members: [PickleValue]) throws(PyTorchFileError) {
    guard case .list(let place) = try top() else { throw .pickle(reason: "appends to what is no list") }
    pickle.lists[place] += members
  }

  /// - Parameter pairs: key, value, key, value, ...
  private mutating func set(_ pairs: [PickleValue]) throws(PyTorchFileError) {
    guard case .dictionary(let place) = try top(), pairs.count % 2 == 0 else {
      throw .pickle(reason: "sets a key of what is no table")
    }
    for i in stride(from: 0, to: pairs.count, by: 2) {
      pickle.dictionaries[place].append((key: pairs[i], value: pairs[i + 1]))
    }
  }

  // MARK: functions and classes

  private func global(module: String, name: String) throws(PyTorchFileError) -> PickleValue {
    guard let known = PickleGlobal(module: module, name: name) else {
      throw .refusedGlobal(name: "\(module).\(name)")
    }
    return .global(known)
  }

  private mutating func stackGlobal() throws(PyTorchFileError) {
    let (name, module) = (try pop(), try pop())
    guard case .string(let name) = name, case .string(let module) = module else {
      throw .pickle(reason: "names a function by what is no text")
    }
    stack.append(try global(module: module, name: name))
  }

  /// `('storage', torch.FloatStorage, key, location, count)`, behind which old versions have a view, which must be none.
  private mutating func storage(_ value: PickleValue) throws(PyTorchFileError) {
    guard let members = pickle.members(value), members.count == 5 || (members.count == 6 && members[5] == .none),
      members[0] == .string("storage"), case .global(.storage(let type)) = members[1],
      case .string(let key) = members[2], case .integer(let count) = members[4], (0...1 << 48).contains(count)
    else { throw .pickle(reason: "refers to something other than a block of numbers") }
    let storage = TorchStorage(key: key, dataType: type, count: count)
    if let known = storageOfKey[key] {
      guard pickle.storages[known] == storage else {
        throw .pickle(reason: "describes the block of numbers '\(key.prefix(40))' in two ways")
      }
      return stack.append(.storage(known))
    }
    storageOfKey[key] = pickle.storages.count
    stack.append(.storage(pickle.storages.count))
    pickle.storages.append(storage)
  }

  /// The call of a function: what it would give is made here.
  private mutating func reduce() throws(PyTorchFileError) {
    let arguments = try pop()
    guard case .global(let function) = try pop() else { throw .pickle(reason: "calls what is no function") }
    let members = pickle.members(arguments) ?? []
    switch function {
    case .orderedDictionary:
      pushDictionary()
      let pairs = members.first.flatMap { pickle.members($0) } ?? []
      copies += pairs.count
      guard copies <= 1 << 20 else { throw .pickle(reason: "copies more than tensors need") }
      for pair in pairs {
        guard let pair = pickle.members(pair), pair.count == 2 else {
          throw .pickle(reason: "has a table of what are no pairs")
        }
        try set(pair)
      }
    case .size:
      guard let extents = members.first, pickle.members(extents) != nil else {
        throw .pickle(reason: "has a size of no numbers")
      }
      stack.append(extents)
    case .rebuildParameter:
      guard case .tensor? = members.first else { throw .pickle(reason: "makes a parameter of what is no tensor") }
      stack.append(members[0])
    case .rebuildTensor:
      guard members.count >= 4, case .storage(let place) = members[0], case .integer(let offset) = members[1],
        let shape = pickle.integers(members[2]), let strides = pickle.integers(members[3])
      else { throw .pickle(reason: "makes a tensor of what is no block of numbers with a shape") }
      let storage = pickle.storages[place]
      var reason = ""
      guard
        let tensor = TorchTensor(storage: storage, offset: offset, shape: shape, strides: strides, reason: &reason)
      else { throw .tensor(name: storage.key, reason: reason) }
      stack.append(.tensor(pickle.tensors.count))
      pickle.tensors.append(tensor)
    case .storage, .dataType: throw .pickle(reason: "makes a value of a class that is not made so")
    }
  }

  /// The attributes of a table, such as `_metadata` of a `state_dict`: of no use.
  private mutating func build() throws(PyTorchFileError) {
    _ = try pop()
    guard case .dictionary = try top() else { throw .pickle(reason: "gives attributes to what is no table") }
  }
}
