import Layers
import Schemas
import Tensors

/// The options of one layer of a `.keras` file, each of which must be asked for, ignored on purpose, or be unset:
/// what is left over would change the answer.
struct KerasOptions {
  let layer: KerasLayer
  /// What feeds the layer.
  let inputs: [KerasTensor]
  /// Options that act in training only, and were left out.
  private(set) var leftOut: [String] = []
  private var asked: Set<String> = [
    "name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_shape", "seed", "autocast", "data_format",
  ]

  /// - Throws: `KerasFileError.option` for pictures with channels first, or a type of numbers that is not read.
  init(_ layer: KerasLayer, inputs: [KerasTensor]) throws(KerasFileError) {
    self.layer = layer
    self.inputs = inputs
    if let format = layer.config["data_format"], format != .null, format.string != "channels_last" {
      throw refused("data_format", "is \(format.text), but workbench's pictures have the channels last")
    }
    try checkNumberType()
  }

  func refused(_ option: String, _ reason: String) -> KerasFileError {
    .option(layer: layer.name, className: layer.className, option: option, reason: reason)
  }

  /// The value; nil when it is absent or null.
  mutating func value(_ key: String) -> KerasValue? {
    asked.insert(key)
    return layer.config[key].flatMap { $0 == .null ? nil : $0 }
  }

  mutating func integer(_ key: String) throws(KerasFileError) -> Int {
    guard let value = value(key) else { throw refused(key, "is missing") }
    guard let integer = value.integer else { throw refused(key, "is \(value.text), not a whole number") }
    return integer
  }

  mutating func number(_ key: String, default fallback: Double? = nil) throws(KerasFileError) -> Double {
    guard let value = value(key) else {
      if let fallback { return fallback }
      throw refused(key, "is missing")
    }
    guard let number = value.number else { throw refused(key, "is \(value.text), but must be one number") }
    return number
  }

  mutating func boolean(_ key: String, default fallback: Bool) throws(KerasFileError) -> Bool {
    guard let value = value(key) else { return fallback }
    guard let boolean = value.boolean else { throw refused(key, "is \(value.text), not true or false") }
    return boolean
  }

  /// One integer for both axes, or a list of two: height and width.
  mutating func pair(_ key: String) throws(KerasFileError) -> OptionValue? {
    guard let value = value(key) else { return nil }
    if let side = value.integer { return .integer(side) }
    let sides = (value.list ?? []).compactMap(\.integer)
    guard sides.count == 2, value.list?.count == 2 else {
      throw refused(key, "is \(value.text), not one whole number or two")
    }
    return sides[0] == sides[1] ? .integer(sides[0]) : .list(sides.map { .integer($0) })
  }

  mutating func padding() throws(KerasFileError) -> OptionValue {
    let value = value("padding") ?? .string("valid")
    guard let word = value.string?.lowercased(), word == "valid" || word == "same" else {
      throw refused("padding", "is \(value.text), but workbench has 'valid' and 'same'")
    }
    return .string(word)
  }

  /// Refuses an option that has another value than the given ones.
  mutating func require(_ key: String, _ allowed: [KerasValue], _ reason: String) throws(KerasFileError) {
    guard let value = value(key), !allowed.contains(value), !allowed.contains(where: { $0.isEqualNumber(value) })
    else { return }
    throw refused(key, "is \(value.text), but \(reason)")
  }

  /// The factor of an L2 regulariser. What others there are is left out: they act in training only.
  mutating func l2(_ key: String) -> OptionValue? {
    guard let value = value(key) else { return nil }
    let config = value["config"]
    let l1 = config?["l1"]?.number ?? 0
    switch value["class_name"]?.string {
    case "L2", "L1L2":
      if l1 == 0, let l2 = config?["l2"]?.number, l2.isFinite, l2 >= 0 { return .number(l2) }
    default: break
    }
    leftOut.append(key)
    return nil
  }

  /// How the kernel starts, where workbench has the same; the numbers come from the file in any case.
  mutating func initializer(_ key: String) -> OptionValue? {
    let initializer = value(key)
    return switch initializer?["class_name"]?.string {
    case "Constant": (initializer?["config"]?["value"]?.number).map { .number($0) }
    case "GlorotUniform": .string("glorot_uniform")
    case "HeNormal": .string("he_normal")
    case "HeUniform": .string("he_uniform")
    case "RandomNormal" where isStandardNormal(initializer?["config"]): .string("normal")
    case "Zeros": .string("zeros")
    case "Ones": .string("ones")
    default: nil
    }
  }

  /// As `normal` of workbench is.
  private func isStandardNormal(_ config: KerasValue?) -> Bool {
    config?["mean"]?.number == 0 && config?["stddev"]?.number == 0.02
  }

  /// - Throws: `KerasFileError.option` when an option is left over that is not unset.
  mutating func finish() throws(KerasFileError) {
    for (key, value) in layer.config.sorted(by: { $0.key < $1.key }) where !asked.contains(key) {
      switch value {
      case .null, .boolean(false): continue
      default:
        if key.hasSuffix("_initializer") { continue }
        if key.hasSuffix("_regularizer") || key.hasSuffix("_constraint") {
          leftOut.append(key)
          continue
        }
        throw refused(key, "is \(value.text), which workbench does not know")
      }
    }
  }

  private func checkNumberType() throws(KerasFileError) {
    guard let type = layer.config["dtype"], type != .null else { return }
    let name = type.string ?? type["config"]?["name"]?.string
    let known = ["float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"]
    guard let name, known.contains(name) else {
      throw refused("dtype", "is \(name.map { "'\($0.prefix(60))'" } ?? type.text), but workbench computes in float32")
    }
  }
}

/// The output of a layer of a `.keras` file.
struct KerasTensor: Equatable {
  /// The node in the network that is built.
  let node: Int
  /// Of one example, as workbench has it.
  let shape: Shape
  /// True when Keras has `[1, 1, channels]` and workbench the vector `[channels]`.
  var isCollapsed = false

  /// The number of axes in Keras, without the batch.
  var rank: Int { isCollapsed ? 3 : shape.rank }
}

extension KerasValue {
  fileprivate func isEqualNumber(_ other: KerasValue) -> Bool {
    guard let number, let second = other.number else { return false }
    return number == second
  }
}
