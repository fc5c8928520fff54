import Kernels
import Schemas
import Tensors

/// Averages each channel over the picture: `y[c] = sum over h, w of x[h, w, c] / (height * width)`.
///
/// Input `[height, width, channels]`, output `[channels]`.
public struct GlobalAveragePool: BuiltInLayer {
  public static let schema = Schema("global_average_pool", help: "The mean of each channel over the picture.")

  public let options: Options

  public init(options: Options) throws { self.options = options }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let input = try onePicture(inputs)
    if input.count == 0 { throw LayerError.inputRank(expected: "a picture that is not empty", found: input) }
    return LayerSignature(outputShape: [input[2]], flops: input.count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    GlobalAveragePoolOperation(request.inputShapes[0])
  }
}

private final class GlobalAveragePoolOperation: Operation {
  private let positions: Int
  private let channels: Int

  init(_ input: Shape) {
    positions = input[0] * input[1]
    channels = input[2]
  }

  func forward(_ frame: Frame) {
    let (positions, channels) = (positions, channels)
    let x = frame.inputs[0]
    let y = frame.output!
    frame.pool.forEachTile(frame.batch) { image, _ in
      global_average_pool_forward(
        x + image * positions * channels, y + image * channels, positions: positions, channels: channels)
    }
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    let (positions, channels) = (positions, channels)
    let dy = frame.outputGradient!
    frame.pool.forEachTile(frame.batch) { image, _ in
      global_average_pool_backward(
        dy + image * channels, dx + image * positions * channels, positions: positions, channels: channels)
    }
  }
}
