import Schemas
import Tensors

/// Cuts the centre out of each picture, as Keras' `CenterCrop` does: an odd row or column is left over at the end. A
/// picture that is too small is cropped to the target's aspect ratio and resized (`SmartResize`).
///
/// Input `[h, w, channels]`, output `[height, width, channels]`.
public struct CenterCrop: BuiltInLayer {
  public static let schema = Schema(
    "center_crop", help: "Cuts the centre out of each picture; a smaller picture is resized.",
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

  public func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool {
    inputs[0][0] == height && inputs[0][1] == width
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    let input = request.inputShapes[0]
    let fits = input[0] >= height && input[1] >= width
    return CropOperation(input, height: height, width: width, fits ? .centre : .smartResize)
  }
}
