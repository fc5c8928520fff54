import Kernels
import Schemas
import Tensors

/// Moves the picture by whole pixels, so that nothing is blurred.
public struct Translate: Augmentation {
  public static let schema = Schema(
    "translate", help: "moves the picture by whole pixels",
    options: [
      OptionSchema(
        "x", .number, default: .number(0.1), minimum: 0, maximum: 1,
        help: "by up to this share of the width, left or right"),
      OptionSchema(
        "y", .number, default: .number(0.1), minimum: 0, maximum: 1,
        help: "by up to this share of the height, up or down"),
      MovedPixels.option,
      .probability(default: 1),
    ])

  public let x: Float
  public let y: Float
  public let pixels: MovedPixels
  public let probability: Float

  /// - Throws: `OptionError` when `fill` is a list of another length than 3.
  public init(options: Options) throws {
    x = Float(options.number("x"))
    y = Float(options.number("y"))
    pixels = try MovedPixels(options)
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    guard stream.bool(probability: probability) else { return }
    let columns = (stream.uniform(-x, x) * Float(image.width)).rounded()
    let rows = (stream.uniform(-y, y) * Float(image.height)).rounded()
    Translate.move(&image, columns: Int(columns), rows: Int(rows), pixels)
  }

  /// Moves to the right and down; negative numbers move to the left and up.
  public static func move(_ image: inout PixelImage, columns: Int, rows: Int, _ pixels: MovedPixels) {
    if columns == 0, rows == 0 { return }
    pixels.apply(PixelMap(x0: -Float(columns), y0: -Float(rows)), to: &image)
  }
}
