import Schemas
import Tensors

/// Multi-head self-attention (Vaswani et al. 2017): each token gathers from all others.
///
///     q, k, v = x qkv + qkv_bias             [tokens, channels] each, split into heads of d = channels / heads
///     head    = softmax(q k^T / sqrt(d)) v
///     y       = heads side by side * projection + projection_bias
///
/// Input and output `[tokens, channels]`. Parameters: `qkv` `[channels, 3 channels]`, whose columns are q, k and v, and
/// `projection` `[channels, channels]`, both Glorot-uniform as `[channels, channels]` unless another initialiser is given;
/// with `bias`, which is as in timm's Vision Transformers, `qkv_bias` and `projection_bias`, zeros. The scores of a
/// training step are not kept, but made again by `backward`: memory grows with the tokens, not with their square.
public struct Attention: BuiltInLayer {
  public static let schema = Schema(
    "attention", help: "Multi-head self-attention: each token gathers from all others.",
    options: [
      OptionSchema(
        "heads", .integer, required: true, minimum: 1, maximum: 65536,
        help: "The parts into which the channels are divided, each with an attention of its own."),
      OptionSchema(
        "bias", .boolean, default: .boolean(true), help: "Whether a learnt number is added to each output."),
      Initializer.optionSchema,
      OptionSchema(
        "l2", .number, default: .number(0), minimum: 0, help: "Factor of the kernels' sum of squares in the loss."),
    ])

  public let options: Options
  public let heads: Int
  public let hasBias: Bool
  let initializer: Initializer
  let l2: Float

  public init(options: Options) throws {
    self.options = options
    heads = options.integer("heads")
    hasBias = options.boolean("bias")
    initializer = try Initializer(options: options)
    l2 = Float(options.number("l2"))
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try tokenSequence(inputs)
    let (tokens, channels) = (shape[0], shape[1])
    guard channels % heads == 0 else {
      throw LayerError.notDivisible(what: "input channels", value: channels, by: "heads", divisor: heads)
    }
    func kernel(_ name: String, parts: Int) -> ParameterSpec {
      ParameterSpec(name, [channels, parts * channels], initializer, fanIn: channels, fanOut: channels, l2: l2)
    }
    var parameters = [kernel("qkv", parts: 3)]
    if hasBias { parameters.append(ParameterSpec("qkv_bias", [3 * channels], .constant(0))) }
    parameters.append(kernel("projection", parts: 1))
    if hasBias { parameters.append(ParameterSpec("projection_bias", [channels], .constant(0))) }
    // The four kernels, the scores and what they weigh, and the softmax.
    let products = Shape([8, tokens, channels, channels]).count + Shape([4, tokens, tokens, channels]).count
    return LayerSignature(
      outputShape: shape, parameters: parameters, flops: products + Shape([5, heads, tokens, tokens]).count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation { AttentionOperation(self, request) }
}

/// The only input's shape when it is a sequence of tokens, which are not empty.
///
/// - Throws: `LayerError.inputCount`, `LayerError.inputRank`.
func tokenSequence(_ inputs: [Shape]) throws -> Shape {
  let shape = try oneInput(inputs)
  guard shape.rank == 2, shape.count > 0 else {
    throw LayerError.inputRank(expected: "tokens (a number of them x channels; see the layer tokens)", found: shape)
  }
  return shape
}
