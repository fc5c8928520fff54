import Layers
import Networks
import Schemas
import Tensors

/// The layer of Keras that a layer of workbench becomes.
struct KerasCounterpart {
  let className: String
  let config: [String: KerasValue]

  init(_ className: String, _ config: [String: KerasValue] = [:]) {
    self.className = className
    self.config = config
  }

  /// nil when there is none.
  ///
  /// - Throws: `KerasFileError.notWritable` for an option that Keras does not have.
  static func of(_ layer: any Layer, node: Node, network: Network) throws(KerasFileError) -> KerasCounterpart? {
    let o = layer.options
    switch layer {
    case is Conv2D, is DepthwiseConv2D, is Linear: return try withKernel(layer, node: node)
    case is BatchNorm, is LayerNorm:
      var config: [String: KerasValue] = [
        "axis": .integer(-1), "epsilon": .number(o.number("epsilon")), "center": .boolean(true),
        "scale": .boolean(true),
      ]
      if layer is BatchNorm {
        config["momentum"] = .number(o.number("momentum"))
        return KerasCounterpart("BatchNormalization", config)
      }
      config["center"] = .boolean(o.boolean("center"))
      config["scale"] = .boolean(o.boolean("scale"))
      return KerasCounterpart("LayerNormalization", config)
    case is LayerScale:
      // The same product by a layer that both versions have: a class of its own would have to be registered. Written
      // with all axes, as Keras 3 turns the others round where the equation has dots for them.
      let axes = String("abcdefg".prefix(node.shape.rank + 1))
      return KerasCounterpart(
        "EinsumDense",
        [
          "equation": .string("\(axes),\(axes.suffix(1))->\(axes)"),
          "output_shape": .list(node.shape.dimensions.map { .integer($0) }),
          "activation": .string("linear"), "bias_axes": .null,
          "kernel_initializer": object("keras.initializers", "Constant", ["value": .number(o.number("initial"))]),
        ])
    case is StochasticDepth:
      // One draw for all numbers of an example.
      let ones = [KerasValue](repeating: .integer(1), count: node.shape.rank)
      return KerasCounterpart("Dropout", ["rate": .number(o.number("rate")), "noise_shape": .list([.null] + ones)])
    case let pool as MaxPool: return KerasCounterpart("MaxPooling2D", pooling(pool.pooling))
    case let pool as AveragePool: return KerasCounterpart("AveragePooling2D", pooling(pool.pooling))
    case is GlobalAveragePool: return KerasCounterpart("GlobalAveragePooling2D", ["keepdims": .boolean(false)])
    case is Flatten: return KerasCounterpart("Flatten")
    case is Dropout: return KerasCounterpart("Dropout", ["rate": .number(o.number("rate"))])
    case is GaussianNoise: return KerasCounterpart("GaussianNoise", ["stddev": .number(o.number("deviation"))])
    case let rescale as Rescale:
      if rescale.scale.count + rescale.offset.count > 2 {
        throw .notWritable(
          layer: node.name, type: node.typeName, reason: "Keras' Rescaling has one scale and offset for all channels")
      }
      return KerasCounterpart(
        "Rescaling", ["scale": .number(o.number("scale")), "offset": .number(o.number("offset"))])
    case is RandomCrop: return KerasCounterpart("RandomCrop", crop(o))
    case is CenterCrop: return KerasCounterpart("CenterCrop", crop(o))
    case is Softmax: return KerasCounterpart("Softmax", ["axis": .integer(-1)])
    case is Add: return KerasCounterpart("Add")
    case is Multiply: return KerasCounterpart("Multiply")
    case is ReLU: return KerasCounterpart("ReLU")
    case is ELU: return KerasCounterpart("ELU", ["alpha": .number(1)])
    case let activation as any ElementwiseActivation:
      return KerasCounterpart("Activation", ["activation": try name(activation.activation, node: node)])
    default: return nil
    }
  }

  private static func withKernel(_ layer: any Layer, node: Node) throws(KerasFileError) -> KerasCounterpart {
    let o = layer.options
    var config: [String: KerasValue] = [
      "use_bias": .boolean(o.boolean("bias")), "activation": .string("linear"), "bias_initializer": zeros,
    ]
    if let activation = o.optionalString("activation").flatMap(Activation.init(rawValue:)) {
      config["activation"] = try name(activation, node: node)
    }
    let initializer = initializer(o)
    let regularizer: KerasValue =
      o.number("l2") == 0
      ? .null : object("keras.regularizers", "L2", ["l2": .number(o.number("l2"))])
    if layer is Linear {
      config["units"] = .integer(o.integer("units"))
    } else {
      config["kernel_size"] = pair(o.pair("kernel"))
      config["strides"] = pair(o.pair("stride"))
      config["padding"] = .string(o.string("padding"))
      config["data_format"] = .string("channels_last")
    }
    guard layer is DepthwiseConv2D else {
      config["kernel_initializer"] = initializer
      config["kernel_regularizer"] = regularizer
      if layer is Linear { return KerasCounterpart("Dense", config) }
      config["filters"] = .integer(o.integer("filters"))
      config["dilation_rate"] = pair(o.pair("dilation"))
      config["groups"] = .integer(o.integer("groups"))
      return KerasCounterpart("Conv2D", config)
    }
    config["depthwise_initializer"] = initializer
    config["depthwise_regularizer"] = regularizer
    config["depth_multiplier"] = .integer(1)
    config["dilation_rate"] = pair((1, 1))
    return KerasCounterpart("DepthwiseConv2D", config)
  }

  private static func name(_ activation: Activation, node: Node) throws(KerasFileError) -> KerasValue {
    if activation == .geluTanh {
      throw .notWritable(
        layer: node.name, type: node.typeName, reason: "Keras names the exact gelu only, not its tanh form")
    }
    return .string(activation.rawValue)
  }

  private static func initializer(_ o: Options) -> KerasValue {
    switch o["initializer"] {
    case .number(let value)?: object("keras.initializers", "Constant", ["value": .number(value)])
    case .string("he_normal")?: object("keras.initializers", "HeNormal", ["seed": .null])
    case .string("he_uniform")?: object("keras.initializers", "HeUniform", ["seed": .null])
    case .string("normal")?:
      object("keras.initializers", "RandomNormal", ["mean": .number(0), "stddev": .number(0.02), "seed": .null])
    case .string("zeros")?: zeros
    case .string("ones")?: object("keras.initializers", "Ones", [:])
    default: object("keras.initializers", "GlorotUniform", ["seed": .null])
    }
  }

  private static let zeros = object("keras.initializers", "Zeros", [:])

  private static func object(_ module: String, _ className: String, _ config: [String: KerasValue]) -> KerasValue {
    .table([
      "module": .string(module), "class_name": .string(className), "config": .table(config), "registered_name": .null,
    ])
  }

  private static func pooling(_ options: PoolOptions) -> [String: KerasValue] {
    [
      "pool_size": pair(options.window), "strides": pair(options.stride),
      "padding": .string(options.padsSame ? "same" : "valid"), "data_format": .string("channels_last"),
    ]
  }

  private static func crop(_ o: Options) -> [String: KerasValue] {
    ["height": .integer(o.integer("height")), "width": .integer(o.integer("width"))]
  }

  private static func pair(_ sides: (Int, Int)) -> KerasValue { .list([.integer(sides.0), .integer(sides.1)]) }
}
