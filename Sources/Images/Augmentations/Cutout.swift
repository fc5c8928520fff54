import Kernels
import Schemas
import Tensors

/// Covers a square with one colour (DeVries and Taylor 2017).
///
/// The square's centre is uniform over the picture; what lies outside the picture is cut off.
public struct Cutout: Augmentation {
  public static let schema = Schema(
    "cutout", help: "covers a random square with one colour",
    options: [
      OptionSchema(
        "size", .number, default: .number(0.25), minimum: 0, maximum: 1,
        help: "the square's side as a share of the picture's shorter side"),
      FillColour.option(help: "its colour, 0 to 255: one number, or red, green and blue"),
      .probability(default: 1),
    ])

  public let size: Float
  /// Red, green, blue.
  public let fill: [Float]
  public let probability: Float

  /// - Throws: `OptionError` when `fill` is a list of another length than 3.
  public init(options: Options) throws {
    size = Float(options.number("size"))
    fill = try FillColour(options).rgb
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    guard stream.bool(probability: probability) else { return }
    let side = Int((size * Float(min(image.width, image.height))).rounded())
    let x = stream.integer(below: image.width) - side / 2
    let y = stream.integer(below: image.height) - side / 2
    fill_rectangle_rgb(
      image.pointer, width: image.width, x: (x..<x + side).clamped(to: 0..<image.width),
      y: (y..<y + side).clamped(to: 0..<image.height), fill[0], fill[1], fill[2])
  }
}
