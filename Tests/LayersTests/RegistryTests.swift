import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("The registry and the initialisers")
struct RegistryTests {
  @Test("every layer of the recipes' surface is there, once")
  func names() {
    let names = LayerRegistry.all.map { $0.schema.name }
    let expected = [
      "conv2d", "batch_norm", "relu", "elu", "selu", "gelu", "swish", "sigmoid", "tanh", "softmax", "max_pool",
      "average_pool", "global_average_pool", "flatten", "dropout", "linear", "add", "multiply", "activation",
      "layer_scale", "squeeze_excite", "gaussian_noise", "stochastic_depth", "rescale", "random_crop", "center_crop",
      "depthwise_conv2d", "layer_norm", "tokens", "class_token", "position_embedding", "attention", "take_token",
    ]
    #expect(Set(names).count == names.count)
    for name in expected { #expect(names.contains(name), "\(name)") }
  }

  @Test("every option and layer has a line of help, and every default passes its own check")
  func schemas() throws {
    for type in LayerRegistry.all {
      #expect(!type.schema.help.isEmpty)
      for option in type.schema.options {
        #expect(!option.help.isEmpty, "\(type.schema.name).\(option.name)")
        if let value = option.defaultValue {
          let alone = Schema(type.schema.name, help: "", options: [option])
          #expect(try Options([option.name: value], schema: alone)[option.name] == value)
        }
      }
    }
  }

  @Test("unknown names get suggestions")
  func unknown() {
    #expect(throws: RegistryError.unknown(kind: "layer", name: "conv2", suggestion: "conv2d")) {
      try LayerRegistry.layer(named: "conv2")
    }
    let error = RegistryError.unknown(kind: "layer", name: "max_pol", suggestion: "max_pool")
    #expect("\(error)" == "there is no layer 'max_pol' (did you mean 'max_pool'?)")
    #expect(throws: OptionError.unknownOption(owner: "max_pool", name: "windw", suggestion: "window")) {
      try LayerRegistry.layer(named: "max_pool", options: ["windw": .integer(2)])
    }
  }

  @Test("uniform initialisers fill their range evenly")
  func uniform() {
    for (initializer, limit) in [(Initializer.glorotUniform, Float(6.0 / 500).squareRoot()), (.heUniform, 0.2)] {
      let tensor = Tensor([20_000])
      initializer.fill(tensor, fanIn: 150, fanOut: 350, key: RandomKey(seed: 1))
      let values = tensor.values
      #expect(values.allSatisfy { abs($0) <= limit })
      #expect((values.max() ?? 0) > 0.99 * limit && (values.min() ?? 0) < -0.99 * limit)
      let variance = values.reduce(0) { $0 + $1 * $1 } / 20_000
      #expect(abs(variance / (limit * limit / 3) - 1) < 0.03)
    }
  }

  @Test("the normal initialiser has variance 2 / fan-in")
  func normal() {
    let tensor = Tensor([20_000])
    Initializer.heNormal.fill(tensor, fanIn: 50, fanOut: 1, key: RandomKey(seed: 2))
    let mean = tensor.values.reduce(0, +) / 20_000
    let variance = tensor.values.reduce(0) { $0 + $1 * $1 } / 20_000
    #expect(abs(mean) < 0.005)
    #expect(abs(variance / 0.04 - 1) < 0.04)
  }

  @Test("the same key gives the same values, another key others; constants are constant")
  func keys() {
    func values(_ seed: Int) -> [Float] {
      let tensor = Tensor([10])
      Initializer.glorotUniform.fill(tensor, fanIn: 1, fanOut: 1, key: RandomKey(seed: seed))
      return tensor.values
    }
    #expect(values(1) == values(1))
    #expect(values(1) != values(2))
    let tensor = Tensor([3])
    Initializer(name: "ones")?.fill(tensor, fanIn: 1, fanOut: 1, key: RandomKey(seed: 1))
    #expect(tensor.values == [1, 1, 1])
    #expect(Initializer(name: "glorot") == nil)
    #expect(Initializer.names.allSatisfy { Initializer(name: $0) != nil })
  }

  @Test("a number as initialiser is the kernel's value everywhere", arguments: ["linear", "conv2d"])
  func constantInitializer(name: String) throws {
    let size: [String: OptionValue] =
      name == "linear" ? ["units": .integer(2)] : ["filters": .integer(2), "kernel": .integer(1)]
    let input: Shape = name == "linear" ? [3] : [2, 2, 3]
    func initializer(_ value: OptionValue) throws -> Initializer? {
      let layer = try LayerRegistry.layer(named: name, options: size.merging(["initializer": value]) { $1 })
      return try layer.signature(for: [input]).parameters.first?.initializer
    }
    #expect(try initializer(.number(0.25)) == .constant(0.25))
    #expect(try initializer(.integer(2)) == .constant(2))
    #expect(try initializer(.string("he_normal")) == .heNormal)
    #expect(throws: LayerError.self) { try initializer(.number(1e300)) }
    #expect(throws: OptionError.self) { try initializer(.string("he")) }
  }
}
