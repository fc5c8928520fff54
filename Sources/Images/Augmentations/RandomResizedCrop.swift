import Foundation
import Schemas
import Tensors

/// Cuts out a random part and stretches it to the picture's size (Szegedy et al. 2015).
///
/// The part's share of the area is uniform, the logarithm of its width to height (both in shares of the picture's
/// sides) too; a side longer than the picture is cut to it. Sampled as `tf.image.crop_and_resize` samples.
public struct RandomResizedCrop: Augmentation {
  public static let schema = Schema(
    "random_resized_crop", help: "cuts out a random part and stretches it to the picture's size",
    options: [
      OptionSchema(
        "area", .list(.number), default: .list([.number(0.08), .number(1)]), minimum: 0.0001, maximum: 1,
        help: "least and greatest share of the picture's area"),
      OptionSchema(
        "ratio", .list(.number), default: .list([.number(0.75), .number(4.0 / 3)]), minimum: 0.01, maximum: 100,
        help: "least and greatest width to height of the part, against the picture's own"),
      .probability(default: 1),
    ])

  public let area: ClosedRange<Float>
  public let ratio: ClosedRange<Float>
  public let probability: Float

  /// - Throws: `OptionError` when a range is not two numbers, the lower one first.
  public init(options: Options) throws {
    area = try options.numberRange("area")
    ratio = try options.numberRange("ratio")
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    guard stream.bool(probability: probability) else { return }
    CropBox(area: area, ratio: ratio, stream: &stream).cropAndResize(&image)
  }
}

/// A part of a picture, in shares of its sides.
public struct CropBox: Equatable, Sendable {
  public var y1: Float
  public var x1: Float
  public var y2: Float
  public var x2: Float

  /// - Precondition: all within 0 ... 1.
  public init(y1: Float, x1: Float, y2: Float, x2: Float) {
    self.y1 = y1
    self.x1 = x1
    self.y2 = y2
    self.x2 = x2
  }

  init(area: ClosedRange<Float>, ratio: ClosedRange<Float>, stream: inout RandomStream) {
    let share = stream.uniform(area.lowerBound, area.upperBound)
    let aspect = exp(stream.uniform(log(ratio.lowerBound), log(ratio.upperBound)))
    let height = min(1, (share / aspect).squareRoot())
    let width = min(1, (share * aspect).squareRoot())
    let y = stream.uniform(0, 1 - height)
    let x = stream.uniform(0, 1 - width)
    self.init(y1: y, x1: x, y2: min(1, y + height), x2: min(1, x + width))
  }

  /// Stretches the part to the picture's size: bilinear, the part's corners at the centres of the corner pixels.
  public func cropAndResize(_ image: inout PixelImage) {
    let resampler = PictureReader.ofThisThread.resampler
    let copy = resampler.output(image.count)
    copy.update(from: image.pointer, count: image.count)
    resampler.cropAndResize(
      copy, width: image.width, height: image.height, box: self, to: image.pointer, width: image.width,
      height: image.height)
  }

  /// As `cropAndResize(_:)`, from a picture of another size.
  public func cropAndResize(
    _ source: UnsafePointer<Float>, width: Int, height: Int, into image: inout PixelImage
  ) {
    PictureReader.ofThisThread.resampler.cropAndResize(
      source, width: width, height: height, box: self, to: image.pointer, width: image.width, height: image.height)
  }
}

extension Options {
  /// An option that is a list of two numbers, the lower one first.
  func numberRange(_ name: String) throws -> ClosedRange<Float> {
    let numbers = numbers(name)
    guard numbers.count == 2, numbers[0] <= numbers[1] else {
      throw OptionError.wrongType(
        owner: owner, name: name, expected: "two numbers, the lower one first",
        found: "{\(numbers.map { "\($0)" }.joined(separator: ", "))}")
    }
    return Float(numbers[0])...Float(numbers[1])
  }
}
