import Foundation
import Kernels
import Schemas
import Tensors

/// Blurs with a Gaussian of random width.
///
/// The weight of a pixel k to the side is `exp(-k^2 / (2 sigma^2))`, divided by the sum of all within the kernel, sigma
/// uniform in a range. The outermost pixels are repeated beyond the edge.
public struct GaussianBlur: Augmentation {
  public static let schema = Schema(
    "gaussian_blur", help: "blurs with a Gaussian of random width",
    options: [
      OptionSchema(
        "sigma", .list(.number), default: .list([.number(0.1), .number(2)]), minimum: 0.01, maximum: 100,
        help: "least and greatest standard deviation, in pixels"),
      OptionSchema(
        "kernel", .number, default: .number(0.1), minimum: 0, maximum: 1,
        help: "the kernel's side as a share of the picture's shorter side; at least 3 pixels"),
      .probability(default: 1),
    ])

  public let sigma: ClosedRange<Float>
  public let kernel: Float
  public let probability: Float

  /// - Throws: `OptionError` when `sigma` is not two numbers, the lower one first.
  public init(options: Options) throws {
    sigma = try options.numberRange("sigma")
    kernel = Float(options.number("kernel"))
    probability = Float(options.number("probability"))
  }

  public func apply(_ image: inout PixelImage, stream: inout RandomStream) {
    guard stream.bool(probability: probability) else { return }
    let side = Int(kernel * Float(min(image.width, image.height)))
    GaussianBlur.blur(
      &image, sigma: stream.uniform(sigma.lowerBound, sigma.upperBound), radius: max(1, side / 2))
  }

  /// - Parameters:
  ///   - sigma: more than 0, in pixels.
  ///   - radius: the kernel reaches so many pixels to each side.
  public static func blur(_ image: inout PixelImage, sigma: Float, radius: Int) {
    // Beyond six standard deviations no weight changes a sum of 24 bits.
    let radius = max(1, min(radius, Int((6 * sigma).rounded(.up))))
    let weights = GaussianBlur.weights(sigma: sigma, radius: radius)
    let (width, height, row) = (image.width, image.height, image.width * 3)
    let margin = radius * 3
    // A row with its margins, then all rows, blurred along themselves, with as many above and below as the kernel needs.
    let scratch = PictureReader.ofThisThread.resampler.output(row + 2 * margin + (height + 2 * radius) * row)
    let rows = scratch + row + 2 * margin
    for y in 0..<height {
      let source = image.pointer + y * row
      for k in 0..<radius {
        for c in 0..<3 {
          scratch[3 * k + c] = source[c]
          scratch[margin + row + 3 * k + c] = source[3 * (width - 1) + c]
        }
      }
      (scratch + margin).update(from: source, count: row)
      weighted_sum(scratch, spacing: 3, weights, weights.count, rows + (radius + y) * row, row)
    }
    for k in 0..<radius {
      (rows + k * row).update(from: rows + radius * row, count: row)
      (rows + (radius + height + k) * row).update(from: rows + (radius + height - 1) * row, count: row)
    }
    weighted_sum(rows, spacing: row, weights, weights.count, image.pointer, height * row)
  }

  /// `2 radius + 1` weights that add up to 1.
  static func weights(sigma: Float, radius: Int) -> [Float] {
    let weights = (-radius...radius).map { exp(-Double($0 * $0) / (2 * Double(sigma) * Double(sigma))) }
    let sum = weights.reduce(0, +)
    return weights.map { Float($0 / sum) }
  }
}
