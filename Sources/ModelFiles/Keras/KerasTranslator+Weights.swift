import Layers
import Schemas

/// Layers with numbers of their own.
extension KerasTranslator {
  static func convolution(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let (activation, softmax) = try activation(&o)
    let filters = OptionValue.integer(try o.integer("filters"))
    guard let kernel = try o.pair("kernel_size") else { throw o.refused("kernel_size", "is missing") }
    let stride = try o.pair("strides") ?? .integer(1)
    let dilation = try o.pair("dilation_rate") ?? .integer(1)
    let groups = o.value("groups") == nil ? 1 : try o.integer("groups")
    let padding = try o.padding()
    let bias = OptionValue.boolean(try o.boolean("use_bias", default: true))
    let l2 = o.l2("kernel_regularizer")
    let initializer = o.initializer("kernel_initializer")
    var translation: KerasTranslation
    if o.inputs[0].isCollapsed {
      // One pixel: the convolution is a fully connected layer.
      guard kernel == .integer(1), groups == 1 else {
        throw o.refused("kernel_size", "is more than 1, but the input is one pixel, which is a vector in workbench")
      }
      translation = KerasTranslation(
        .init(
          "linear",
          ["units": filters, "bias": bias, "activation": activation, "initializer": initializer, "l2": l2]))
    } else {
      translation = KerasTranslation(
        .init(
          "conv2d",
          [
            "filters": filters, "kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation,
            "groups": .integer(groups), "bias": bias, "activation": activation, "initializer": initializer, "l2": l2,
          ]))
    }
    if softmax { translation.pieces.append(.init("softmax")) }
    return translation
  }

  static func depthwiseConvolution(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let (activation, softmax) = try activation(&o)
    try o.require("depth_multiplier", [.integer(1)], "workbench's depthwise_conv2d has one kernel a channel")
    let one: [KerasValue] = [.integer(1), .list([.integer(1), .integer(1)])]
    try o.require("dilation_rate", one, "workbench's depthwise_conv2d has no dilation")
    // Keras 2 writes the option of its base class, which this class ignores.
    _ = o.value("groups")
    guard let kernel = try o.pair("kernel_size") else { throw o.refused("kernel_size", "is missing") }
    var translation = KerasTranslation(
      .init(
        "depthwise_conv2d",
        [
          "kernel": kernel, "stride": try o.pair("strides") ?? .integer(1), "padding": try o.padding(),
          "bias": .boolean(try o.boolean("use_bias", default: true)), "activation": activation,
          "initializer": o.initializer("depthwise_initializer"), "l2": o.l2("depthwise_regularizer"),
        ]))
    if softmax { translation.pieces.append(.init("softmax")) }
    return translation
  }

  static func dense(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let (activation, softmax) = try activation(&o)
    var translation = KerasTranslation(
      .init(
        "linear",
        [
          "units": .integer(try o.integer("units")), "bias": .boolean(try o.boolean("use_bias", default: true)),
          "activation": activation, "initializer": o.initializer("kernel_initializer"),
          "l2": o.l2("kernel_regularizer"),
        ]))
    if softmax { translation.pieces.append(.init("softmax")) }
    return translation
  }

  static func batchNorm(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    try lastAxis(&o)
    try o.require("renorm", [.boolean(false)], "workbench's batch_norm has no renormalisation")
    _ = o.value("renorm_clipping")
    _ = o.value("renorm_momentum")
    var filled: Set<String> = []
    if try !o.boolean("scale", default: true) { filled.insert("gamma") }
    if try !o.boolean("center", default: true) { filled.insert("beta") }
    return KerasTranslation(
      .init(
        "batch_norm",
        [
          "momentum": .number(try o.number("momentum", default: 0.99)),
          "epsilon": .number(try o.number("epsilon", default: 1e-3)),
        ]), filled: filled)
  }

  static func layerNorm(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    try lastAxis(&o)
    try o.require("rms_scaling", [.boolean(false)], "workbench's layer_norm subtracts the mean")
    return KerasTranslation(
      .init(
        "layer_norm",
        [
          "epsilon": .number(try o.number("epsilon", default: 1e-3)),
          "center": .boolean(try o.boolean("center", default: true)),
          "scale": .boolean(try o.boolean("scale", default: true)),
        ]))
  }

  /// The class of Herbariograph (`epsilon`) and that of `keras.applications.convnext` (`init_values`).
  static func layerScale(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let initial = try o.number("epsilon", default: try o.number("init_values", default: 1))
    if o.value("projection_dim") != nil {
      let channels = o.inputs[0].shape.channels
      try o.require("projection_dim", [.integer(channels)], "its input has \(channels) channels")
    }
    return KerasTranslation(.init("layer_scale", ["initial": .number(initial)]))
  }

  /// `abcd,d->abcd`, a factor a channel, is how workbench writes its `layer_scale`.
  static func einsumDense(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let equation = o.value("equation") ?? .null
    let input = o.inputs[0]
    let axes = (equation.string ?? "").prefix { $0 != "," }
    let isSpelt = axes.count == input.rank + 1 && axes.allSatisfy(\.isLetter) && Set(axes).count == axes.count
    let hasDots = axes.count == 4 && axes.hasPrefix("...") && axes.last?.isLetter == true
    guard isSpelt || hasDots, equation.string == "\(axes),\(axes.suffix(1))->\(axes)" else {
      throw o.refused("equation", "is \(equation.text), but workbench knows 'abcd,d->abcd' (layer_scale) only")
    }
    if o.value("bias_axes") != nil { throw o.refused("bias_axes", "is set, but workbench's layer_scale has no bias") }
    try o.require("activation", [.string("linear")], "workbench's layer_scale has none")
    // Follows from the equation and the input.
    _ = o.value("output_shape")
    var initial: OptionValue?
    if case .number(let value)? = o.initializer("kernel_initializer") { initial = .number(value) }
    return KerasTranslation(.init("layer_scale", ["initial": initial]))
  }

  /// The `axis` of a normalisation must be the last one.
  private static func lastAxis(_ o: inout KerasOptions) throws(KerasFileError) {
    guard let value = o.value("axis") else { return }
    let axes = value.list ?? [value]
    let last = o.inputs[0].rank
    guard axes.count == 1, let axis = axes[0].integer, axis == -1 || axis == last else {
      throw o.refused("axis", "is \(value.text), but workbench normalises over the channels, the last axis")
    }
  }
}
