import Kernels
import Schemas
import Tensors

/// Sets each value to zero with probability `rate` while training, and divides the others by `1 - rate` (Srivastava et
/// al. 2014, inverted form). Does nothing at inference.
///
/// Which values are dropped depends on the seed, the epoch, the layer's name and the sample alone.
/// Shapes: any -> the same.
public struct Dropout: BuiltInLayer {
  public static let schema = Schema(
    "dropout", help: "Drops values at random while training.",
    options: [
      OptionSchema(
        "rate", .number, default: .number(0.5), minimum: 0, maximum: 1, help: "The probability to be dropped.")
    ])

  public let options: Options
  public let rate: Float

  /// - Throws: `LayerError.options` for a rate of 1, which would leave nothing.
  public init(options: Options) throws {
    self.options = options
    rate = Float(options.number("rate"))
    if rate >= 1 { throw LayerError.options("'rate' must be less than 1") }
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    return LayerSignature(outputShape: shape, flops: shape.count)
  }

  public var isRandom: Bool { rate > 0 }

  public func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool { !isTraining || rate == 0 }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    DropoutOperation(
      rate: request.isTraining ? rate : 0, count: request.inputShapes[0].count, batch: request.maximumBatch)
  }
}

/// Keeps one bit a value from `forward` to `backward`.
private final class DropoutOperation: Operation {
  private let rate: Float
  private let count: Int
  private let maskWords: Int
  private let batch: Int

  init(rate: Float, count: Int, batch: Int) {
    self.rate = rate
    self.count = count
    self.batch = batch
    maskWords = (count + 31) / 32
  }

  var savedCount: Int { rate == 0 ? 0 : maskWords * batch }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) {
    if rate == 0 { return copyChunks(frame.pool, frame.inputs[0], frame.output!, count * frame.batch) }
    let (count, maskWords, rate) = (count, maskWords, rate)
    let mask = maskPointer(frame)
    let x = frame.inputs[0]
    let y = frame.output!
    let (key, samples) = (frame.randomKey, frame.samples)
    frame.pool.forEachTile(frame.batch) { example, _ in
      let words = mask + example * maskWords
      drawMask(words, count: count, rate: rate, key: key.deriving(samples[example]))
      dropout_apply(x + example * count, mask: words, scale: 1 / (1 - rate), y + example * count, count)
    }
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    let dy = frame.outputGradient!
    if rate == 0 { return copyChunks(frame.pool, dy, dx, count * frame.batch) }
    let (count, maskWords, rate) = (count, maskWords, rate)
    let mask = maskPointer(frame)
    frame.pool.forEachTile(frame.batch) { example, _ in
      dropout_apply(
        dy + example * count, mask: mask + example * maskWords, scale: 1 / (1 - rate), dx + example * count, count)
    }
  }

  private func maskPointer(_ frame: Frame) -> UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(frame.saved!).assumingMemoryBound(to: UInt32.self)
  }
}

/// Sets the bit of each value that is kept.
private func drawMask(_ words: UnsafeMutablePointer<UInt32>, count: Int, rate: Float, key: RandomKey) {
  var stream = RandomStream(key)
  // A value is dropped when the upper 24 bits of its number are below this.
  let threshold = UInt32(rate * 0x1p24)
  for word in 0..<(count + 31) / 32 {
    var bits: UInt32 = 0
    for bit in 0..<UInt32(min(32, count - word * 32)) where stream.next32() >> 8 >= threshold { bits |= 1 << bit }
    words[word] = bits
  }
}
