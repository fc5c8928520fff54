import Kernels
import Schemas
import Tensors

/// Turns by 0, 90, 180 or 270 degrees, each as often.
///
/// A picture that is not square is stretched back to its size after an odd number of quarter turns: as if the original
/// had been turned before it was stretched to the network's input.
public struct QuarterTurns: Augmentation {
  public static let schema = Schema(
    "quarter_turns", help: "turns by 0, 90, 180 or 270 degrees", options: [.probability(default: 1)])

  public let probability: Float

  public init(options: Options) {
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    if stream.bool(probability: probability) {
      QuarterTurns.turn(&image, quarters: stream.integer(below: 4))
    }
  }

  /// Turns clockwise.
  public static func turn(_ image: inout PixelImage, quarters: Int) {
    let (w, h) = (image.width, image.height)
    switch quarters & 3 {
    case 0: return
    case 2:
      flip_columns_rgb(image.pointer, width: w, height: h)
      flip_rows_rgb(image.pointer, width: w, height: h)
    case let odd:
      let resampler = PictureReader.ofThisThread.resampler
      let turned = resampler.output(image.count)
      let (origin, stepX, stepY) = odd == 1 ? (w * (h - 1), -w, 1) : (w - 1, w, -1)
      reorder_pixels_rgb(
        image.pointer, turned, width: h, height: w, origin: origin, stepX: stepX, stepY: stepY)
      if w == h {
        image.pointer.update(from: turned, count: image.count)
      } else {
        resampler.stretch(turned, width: h, height: w, to: image.pointer, width: w, height: h)
      }
    }
  }
}
