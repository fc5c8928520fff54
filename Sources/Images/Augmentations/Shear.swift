import Kernels
import Schemas
import Tensors

/// Slants the picture about its centre, along the rows and along the columns.
///
/// With s uniform in -x to x and t uniform in -y to y, the pixel at (u, v) from the centre comes from (u', v'):
/// `u' = u + s v`, `v' = v + t u'`; sampled bilinearly. The area stays the same.
public struct Shear: Augmentation {
  public static let schema = Schema(
    "shear", help: "slants the picture about its centre, along the rows, the columns, or both",
    options: [
      OptionSchema(
        "x", .number, default: .number(0.1), minimum: 0, maximum: 4,
        help: "a row moves by up to this share of its distance from the middle, left or right"),
      OptionSchema(
        "y", .number, default: .number(0.1), minimum: 0, maximum: 4,
        help: "a column moves by up to this share of its distance from the middle, up or down"),
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
    let s = stream.uniform(-x, x)
    let t = stream.uniform(-y, y)
    Shear.shear(&image, x: s, y: t, pixels)
  }

  public static func shear(_ image: inout PixelImage, x s: Float, y t: Float, _ pixels: MovedPixels) {
    let centreX = Float(image.width - 1) / 2
    let centreY = Float(image.height - 1) / 2
    // u' and v' as sums of u and v, then moved back from the centre.
    let map = PixelMap(xx: 1, xy: s, yx: t, yy: 1 + s * t)
    pixels.apply(
      PixelMap(
        xx: map.xx, xy: map.xy, x0: centreX - map.xx * centreX - map.xy * centreY,
        yx: map.yx, yy: map.yy, y0: centreY - map.yx * centreX - map.yy * centreY),
      to: &image)
  }
}
