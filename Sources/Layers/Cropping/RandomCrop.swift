import Schemas
import Tensors

/// Cuts a random part out of each picture while training, as Keras' `RandomCrop` does: the same part for all pictures of
/// a batch.
///
/// At inference, and for a picture that is too small, the largest central part with the target's aspect ratio is resized
/// to the target (`SmartResize`). A picture of the target's size passes unchanged. The part depends on the seed, the
/// epoch, the layer's name and the number of the batch's first sample alone.
///
/// Input `[h, w, channels]`, output `[height, width, channels]`.
public struct RandomCrop: BuiltInLayer {
  public static let schema = Schema(
    "random_crop",
    help: "Cuts a random part out of each batch while training; at inference resizes the largest central part.",
    options: CropOperation.optionSchemas)

  public let options: Options
  public let height: Int
  public let width: Int

  public init(options: Options) throws {
    self.options = options
    height = options.integer("height")
    width = options.integer("width")
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    try CropOperation.signature(for: inputs, height: height, width: width)
  }

  public var isRandom: Bool { true }

  public func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool {
    inputs[0][0] == height && inputs[0][1] == width
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    let input = request.inputShapes[0]
    let crops = request.isTraining && input[0] >= height && input[1] >= width
    return CropOperation(input, height: height, width: width, crops ? .random : .smartResize)
  }
}
