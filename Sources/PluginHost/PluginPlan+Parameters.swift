import CWorkbenchPlugin
import Foundation
import Layers
import Networks
import Tensors

extension PluginPlan {
  static func parameters(
    _ table: Table, count: UInt32, isInferenceOnly: Bool
  ) throws(Failure) -> [ParameterSpec] {
    guard count <= UInt32(WORKBENCH_PARAMETERS_MAX) else {
      throw .faulty("it has \(count) parameters, but a layer can have \(WORKBENCH_PARAMETERS_MAX)")
    }
    var specs: [ParameterSpec] = []
    for index in 0..<Int(count) {
      let spec = try parameter(table.parameters[index], number: index + 1, isInferenceOnly: isInferenceOnly)
      if specs.contains(where: { $0.name == spec.name }) { throw .faulty("it has two parameters '\(spec.name)'") }
      specs.append(spec)
    }
    return specs
  }

  private static func parameter(
    _ raw: workbench_parameter, number: Int, isInferenceOnly: Bool
  ) throws(Failure) -> ParameterSpec {
    guard let name = raw.nameText, PluginTableReader.isName(name) else {
      throw .faulty(
        "the name of its parameter \(number) must be made of a to z, 0 to 9 and _, at most 63, a letter first")
    }
    guard let shape = raw.shape.checked(limit: NetworkBuilder.maximumElements) else {
      throw .faulty("the shape \(raw.shape.text) of its parameter '\(name)' cannot be")
    }
    guard raw.l2.isFinite, raw.l2 >= 0 else { throw .faulty("l2 of its parameter '\(name)' is \(raw.l2)") }
    return ParameterSpec(
      name, shape, try initializer(raw, name), fanIn: Int(clamping: max(1, raw.fan_in)),
      fanOut: Int(clamping: max(1, raw.fan_out)),
      isTrainable: raw.flags & WORKBENCH_NOT_TRAINABLE == 0 && !isInferenceOnly, l2: raw.l2,
      decays: raw.flags & WORKBENCH_NO_WEIGHT_DECAY == 0)
  }

  private static func initializer(_ raw: workbench_parameter, _ name: String) throws(Failure) -> Initializer {
    let initializer: Initializer
    switch UInt32(bitPattern: raw.initializer) {
    case WORKBENCH_CONSTANT.rawValue:
      guard raw.initial_value.isFinite else {
        throw .faulty("initial_value of its parameter '\(name)' is \(raw.initial_value)")
      }
      return .constant(raw.initial_value)
    case WORKBENCH_NORMAL.rawValue:
      guard raw.initial_value.isFinite, raw.initial_value >= 0 else {
        throw .faulty("initial_value of its parameter '\(name)', a deviation, is \(raw.initial_value)")
      }
      return .normal(raw.initial_value)
    case WORKBENCH_GLOROT_UNIFORM.rawValue: initializer = .glorotUniform
    case WORKBENCH_HE_NORMAL.rawValue: initializer = .heNormal
    case WORKBENCH_HE_UNIFORM.rawValue: initializer = .heUniform
    default: throw .faulty("the initializer \(raw.initializer) of its parameter '\(name)' is none")
    }
    guard raw.fan_in >= 1, raw.fan_out >= 1 || initializer != .glorotUniform, raw.fan_in <= 1 << 40,
      raw.fan_out <= 1 << 40
    else {
      throw .faulty(
        "the fans of its parameter '\(name)' are \(raw.fan_in) and \(raw.fan_out), but its initializer scales with them"
      )
    }
    return initializer
  }
}

extension workbench_parameter {
  /// nil when it does not end within its bytes.
  var nameText: String? {
    withUnsafeBytes(of: name) { bytes in
      guard let end = bytes.firstIndex(of: 0) else { return nil }
      return String(decoding: bytes[..<end], as: UTF8.self)
    }
  }

  /// As the host tells a plugin of a built-in layer's parameter.
  init(_ spec: ParameterSpec) {
    self.init()
    flags = (spec.isTrainable ? 0 : WORKBENCH_NOT_TRAINABLE) | (spec.decays ? 0 : WORKBENCH_NO_WEIGHT_DECAY)
    withUnsafeMutableBytes(of: &name) { bytes in
      for (index, byte) in spec.name.utf8.prefix(bytes.count - 1).enumerated() { bytes[index] = byte }
    }
    shape = workbench_shape(spec.shape)
    switch spec.initializer {
    case .constant(let value): initial_value = value
    case .glorotUniform: initializer = Int32(WORKBENCH_GLOROT_UNIFORM.rawValue)
    case .heNormal: initializer = Int32(WORKBENCH_HE_NORMAL.rawValue)
    case .heUniform: initializer = Int32(WORKBENCH_HE_UNIFORM.rawValue)
    case .normal(let deviation):
      initializer = Int32(WORKBENCH_NORMAL.rawValue)
      initial_value = deviation
    }
    fan_in = UInt64(spec.fanIn)
    fan_out = UInt64(spec.fanOut)
    l2 = spec.l2
  }
}
