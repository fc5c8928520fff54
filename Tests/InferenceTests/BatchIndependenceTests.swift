import Foundation
import Inference
import Layers
import ModelFiles
import Networks
import Schemas
import Tensors
import TestSupport
import Testing

/// Shards and resuming give the bytes of one run only if a picture's logits depend on nothing but the picture.
@Suite("A picture's logits")
struct BatchIndependenceTests {
  private let pool = WorkerPool(workerCount: 2)

  private static let networks: [String: [(String, [String: OptionValue])]] = [
    "convolutional": [
      ("conv2d", ["filters": .integer(16), "kernel": .integer(5)]), ("batch_norm", [:]), ("relu", [:]),
      ("max_pool", ["window": .integer(2)]), ("conv2d", ["filters": .integer(24), "kernel": .integer(3)]),
      ("relu", [:]), ("flatten", [:]), ("linear", ["units": .integer(50)]), ("relu", [:]),
      ("linear", ["units": .integer(17)]),
    ],
    "ConvNeXt": [
      ("conv2d", ["filters": .integer(24), "kernel": .integer(4), "stride": .integer(4), "bias": .boolean(false)]),
      ("layer_norm", [:]), ("depthwise_conv2d", ["kernel": .integer(5), "padding": .string("same")]),
      ("layer_norm", [:]), ("squeeze_excite", ["mode": .string("both")]),
      ("conv2d", ["filters": .integer(48), "kernel": .integer(1)]), ("gelu", [:]),
      ("conv2d", ["filters": .integer(24), "kernel": .integer(1)]), ("global_average_pool", [:]), ("layer_norm", [:]),
      ("linear", ["units": .integer(17)]),
    ],
    "two classes": [("flatten", [:]), ("linear", ["units": .integer(2)])],
  ]

  @Test(
    "do not depend on its neighbours, its place in the batch or their number, to the last bit",
    arguments: networks.keys.sorted())
  func independent(name: String) throws {
    let side = 36
    let batch = 16
    var builder = NetworkBuilder()
    var node = try builder.input([side, side, 3])
    for (layer, options) in try #require(Self.networks[name]) {
      node = try builder.add(try LayerRegistry.layer(named: layer, options: options), inputs: [node])
    }
    let network = try builder.network(output: node)
    let parameters = ParameterSet(network: network, key: RandomKey(seed: 5))
    let plan = try InferencePlan(network: network, parameters: parameters, batch: batch, pool: pool)
    let count = side * side * 3
    var stream = RandomStream(RandomKey(seed: 3))
    let pictures = Tensor([batch, count], (0..<batch * count).map { _ in stream.uniform() })
    let classes = network.classCount
    func logits(_ start: UnsafePointer<Float>, _ count: Int) throws -> [Float] {
      Array(UnsafeBufferPointer(start: try plan.forward(pixels: start, count: count), count: count * classes))
    }
    let whole = try logits(pictures.pointer, batch)
    for size in 1..<batch {
      for start in [0, batch - size, (batch - size) / 2] {
        let part = try logits(pictures.pointer + start * count, size)
        #expect(part == Array(whole[start * classes..<(start + size) * classes]), "\(size) from \(start)")
      }
    }
  }
}
