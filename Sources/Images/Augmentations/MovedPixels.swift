import Kernels
import Schemas

/// A movement of all pixels, and what comes in where the picture ends.
public struct MovedPixels: Equatable, Sendable {
  /// nil: the outermost pixels are repeated.
  public let fill: FillColour?

  static let option = OptionSchema(
    "fill", .either([.choice(["edge"]), .number, .list(.number)]), default: FillColour.gray, minimum: 0, maximum: 255,
    help: "what comes in from outside, 0 to 255: one number, or red, green and blue; or 'edge', the outermost pixels")

  /// - Throws: `OptionError` when `fill` is a list of another length than 3.
  init(_ options: Options) throws {
    fill = options["fill"] == .string("edge") ? nil : try FillColour(options)
  }

  public init(fill: FillColour?) { self.fill = fill }

  func apply(_ map: PixelMap, to image: inout PixelImage) {
    let copy = PictureReader.ofThisThread.resampler.output(image.count + 1)
    copy.update(from: image.pointer, count: image.count)
    copy[image.count] = 0
    sample_pixels_rgb(
      copy, width: image.width, height: image.height, map,
      fill: fill.map { SIMD4($0.rgb[0], $0.rgb[1], $0.rgb[2], 0) }, image.pointer)
  }
}
