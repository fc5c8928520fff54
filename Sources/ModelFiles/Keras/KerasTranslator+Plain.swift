import Layers
import Schemas
import Tensors

/// Layers without numbers of their own.
extension KerasTranslator {
  /// The `activation` option: a function that the layer applies, or a softmax that must follow it.
  static func activation(
    _ o: inout KerasOptions
  ) throws(KerasFileError) -> (activation: OptionValue?, softmax: Bool) {
    guard let value = o.value("activation") else { return (nil, false) }
    guard let name = value.string ?? functionName(value) else {
      throw o.refused("activation", "is \(value.text), which workbench does not know")
    }
    switch name {
    case "linear": return (nil, false)
    case "softmax": return (nil, true)
    case "silu", "swish": return (.string("swish"), false)
    case "relu", "elu", "selu", "gelu", "sigmoid", "tanh": return (.string(name), false)
    default:
      throw o.refused(
        "activation",
        "is '\(name.prefix(60))', but workbench has relu, elu, selu, gelu, swish, sigmoid, tanh and softmax")
    }
  }

  /// `{"class_name": "function", "config": "gelu"}`
  private static func functionName(_ value: KerasValue) -> String? {
    value["class_name"]?.string == "function" ? value["config"]?.string : nil
  }

  static func activationLayer(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let (activation, softmax) = try activation(&o)
    if softmax { return KerasTranslation(.init("softmax")) }
    guard case .string(let name)? = activation else { return KerasTranslation() }
    return KerasTranslation(.init(name))
  }

  static func relu(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    if let limit = o.value("max_value") {
      throw o.refused("max_value", "is \(limit.text), but workbench's relu has none")
    }
    try o.require("negative_slope", [.integer(0)], "workbench's relu is 0 below 0")
    try o.require("threshold", [.integer(0)], "workbench's relu begins at 0")
    return KerasTranslation(.init("relu"))
  }

  static func elu(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    try o.require("alpha", [.integer(1)], "workbench's elu has 1")
    return KerasTranslation(.init("elu"))
  }

  static func softmax(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let last = o.inputs[0].rank
    try o.require(
      "axis", [.integer(-1), .integer(last), .list([.integer(-1)]), .list([.integer(last)])],
      "workbench's softmax is over the last axis")
    return KerasTranslation(.init("softmax"))
  }

  static func pool(_ type: String, _ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    KerasTranslation(
      .init(
        type,
        [
          "window": try o.pair("pool_size") ?? .integer(2), "stride": try o.pair("strides"), "padding": try o.padding(),
        ]))
  }

  /// With `keepdims` Keras has one pixel, workbench its vector.
  static func globalAveragePool(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    KerasTranslation(.init("global_average_pool"), isCollapsed: try o.boolean("keepdims", default: false))
  }

  static func flatten(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    KerasTranslation(.init("flatten"), isCollapsed: false)
  }

  /// To a vector, or from a vector to one pixel and back.
  static func reshape(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let value = o.value("target_shape") ?? .null
    let target = (value.list ?? []).compactMap(\.integer)
    let input = o.inputs[0]
    let count = input.shape.count
    func fits(_ extent: Int) -> Bool { extent == -1 || extent == count }
    if target.count == 1, fits(target[0]) { return KerasTranslation(.init("flatten"), isCollapsed: false) }
    if target.count == 3, input.shape.rank == 1, target[0] == 1, target[1] == 1, fits(target[2]) {
      return KerasTranslation(.init("flatten"), isCollapsed: true)
    }
    throw o.refused("target_shape", "is \(value.text), but workbench can only make vectors (flatten)")
  }

  static func dropout(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let rate = OptionValue.number(try o.number("rate"))
    guard let shape = o.value("noise_shape") else { return KerasTranslation(.init("dropout", ["rate": rate])) }
    // One draw for all numbers of an example.
    if let extents = shape.list, extents.first == .null, extents.count == o.inputs[0].rank + 1,
      extents.dropFirst().allSatisfy({ $0.integer == 1 })
    {
      return KerasTranslation(.init("stochastic_depth", ["rate": rate]))
    }
    throw o.refused(
      "noise_shape",
      "is \(shape.text), but workbench's dropout draws for each number, stochastic_depth for each picture")
  }

  static func gaussianNoise(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    KerasTranslation(.init("gaussian_noise", ["deviation": .number(try o.number("stddev"))]))
  }

  /// The class of `keras.applications.convnext`.
  static func stochasticDepth(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    KerasTranslation(.init("stochastic_depth", ["rate": .number(try o.number("drop_path_rate"))]))
  }

  static func rescaling(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    KerasTranslation(
      .init(
        "rescale", ["scale": .number(try o.number("scale")), "offset": .number(try o.number("offset", default: 0))]))
  }

  static func crop(_ type: String, _ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    KerasTranslation(
      .init(type, ["height": .integer(try o.integer("height")), "width": .integer(try o.integer("width"))]))
  }

  static func identity(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation { KerasTranslation() }

  static func add(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    try KerasTranslation(.init("add"), isCollapsed: isOnePixel(o))
  }

  /// Keras spreads a vector over a picture's channels, as workbench does.
  static func multiply(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    try KerasTranslation(.init("multiply"), isCollapsed: isOnePixel(o))
  }

  private static func isOnePixel(_ o: KerasOptions) throws(KerasFileError) -> Bool {
    guard o.inputs.count >= 2 else {
      throw .graph(reason: "feeds layer \(o.layer.name) with \(o.inputs.count) inputs instead of two or more")
    }
    return o.inputs.allSatisfy { $0.shape.rank == 1 } && o.inputs.contains(where: \.isCollapsed)
  }
}
