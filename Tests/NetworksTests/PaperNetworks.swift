import Layers
import Networks
import Schemas
import Tensors

/// A layer by its type and options, as a recipe would name it.
func layer(_ type: String, _ options: [String: OptionValue] = [:]) throws -> any Layer {
  try LayerRegistry.layer(named: type, options: options)
}

/// Layers one behind the other.
func sequential(_ input: Shape, _ layers: [any Layer]) throws -> Network {
  var builder = NetworkBuilder()
  var node = try builder.input(input)
  for layer in layers { node = try builder.add(layer, inputs: [node]) }
  return try builder.network(output: node)
}

/// Convolution, batch norm, ReLU, pool of 2.
func paperBlock(_ filters: Int, kernel: Int) throws -> [any Layer] {
  [
    try layer("conv2d", ["filters": .integer(filters), "kernel": .integer(kernel)]), try layer("batch_norm"),
    try layer("relu"), try layer("max_pool"),
  ]
}

func paperHead(units: Int = 500, classes: Int = 2, rate: Double = 0.5) throws -> [any Layer] {
  [
    try layer("flatten"), try layer("dropout", ["rate": .number(rate)]),
    try layer("linear", ["units": .integer(units)]), try layer("relu"),
    try layer("linear", ["units": .integer(classes)]), try layer("softmax"),
  ]
}

/// Table 1 of Schuettpelz et al. 2017.
func stainedNetwork(size: Int = 256, classes: Int = 2) throws -> Network {
  try sequential(
    [size, size, 3],
    paperBlock(16, kernel: 5) + paperBlock(32, kernel: 5) + paperBlock(64, kernel: 5) + paperBlock(48, kernel: 3)
      + paperHead(classes: classes))
}

/// Table 2 of Schuettpelz et al. 2017.
func familiesNetwork() throws -> Network {
  try sequential([256, 256, 3], paperBlock(10, kernel: 5) + paperBlock(40, kernel: 5) + paperHead())
}

/// The paper's architecture in small: every layer and every fusion of Table 1.
func smallNetwork(rate: Double = 0.5, softmax: Bool = true) throws -> Network {
  var layers = try paperBlock(3, kernel: 5) + paperBlock(5, kernel: 3) + paperHead(units: 7, classes: 3, rate: rate)
  if !softmax { layers.removeLast() }
  return try sequential([19, 17, 3], layers)
}

/// Two branches that meet in `add`, and a gate that multiplies.
func residualNetwork() throws -> Network {
  let convolution: [String: OptionValue] = [
    "filters": .integer(4), "kernel": .integer(3), "padding": .string("same"), "l2": .number(0.01),
  ]
  var builder = NetworkBuilder()
  let input = try builder.input([10, 9, 3])
  let stem = try builder.add(try layer("conv2d", convolution), name: "stem", inputs: [input])
  var branch = try builder.add(try layer("batch_norm"), inputs: [stem])
  branch = try builder.add(try layer("swish"), inputs: [branch])
  branch = try builder.add(try layer("conv2d", convolution), inputs: [branch])
  let sum = try builder.add(try layer("add"), name: "sum", inputs: [stem, branch])
  let gate = try builder.add(try layer("sigmoid"), inputs: [sum])
  let gated = try builder.add(try layer("multiply"), inputs: [sum, gate])
  let pooled = try builder.add(try layer("global_average_pool"), inputs: [gated])
  let output = try builder.add(try layer("linear", ["units": .integer(3)]), name: "output", inputs: [pooled])
  return try builder.network(output: output)
}
