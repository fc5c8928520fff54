import Schemas
import Tensors

/// A random change of one training picture.
///
/// What it does depends on the options and on the stream alone. It works in place on pixels of 0 to 255, before they
/// are brought to the network's range, and keeps the size.
public protocol Augmentation: Sendable {
  /// The name that recipes use, its options, and a line of help.
  static var schema: Schema { get }

  /// - Throws: `OptionError` when options contradict one another.
  init(options: Options) throws

  func apply(_ image: inout PixelImage, stream: inout RandomStream)
}

/// A random mixing of the pictures of one batch, and of their labels.
public protocol BatchAugmentation: Sendable {
  static var schema: Schema { get }

  /// - Throws: `OptionError` when options contradict one another.
  init(options: Options) throws

  /// The augmentation that knows how often each class occurs in the training pictures; itself where that does not
  /// matter.
  ///
  /// What the option `class_counts` says goes before.
  ///
  /// - Parameter counts: one a class, in the order of the labels.
  /// - Throws: `AugmentationError.classCounts` when the option has another number of classes.
  func fitted(toClassCounts counts: [Double]) throws -> any BatchAugmentation

  /// One that rests on class counts must have been fitted to them, or have them as an option.
  ///
  /// - Parameter streams: one stream a picture, keyed by epoch and sample, so that the thread count plays no part.
  func apply(_ batch: inout PixelBatch, streams: inout [RandomStream])
}

extension BatchAugmentation {
  public func fitted(toClassCounts counts: [Double]) throws -> any BatchAugmentation { self }
}

/// The pixels of one picture, owned by someone else: `[height, width, 3]`, 0 to 255.
public struct PixelImage {
  public let height: Int
  public let width: Int
  public let pointer: UnsafeMutablePointer<Float>

  public static let channels = 3

  public init(height: Int, width: Int, pointer: UnsafeMutablePointer<Float>) {
    self.height = height
    self.width = width
    self.pointer = pointer
  }

  /// How many floats `pointer` holds.
  public var count: Int { height * width * PixelImage.channels }
}

/// The pixels and labels of one batch, owned by someone else.
public struct PixelBatch {
  /// Pictures in the batch, n.
  public let count: Int
  public let height: Int
  public let width: Int
  /// Classes, k.
  public let classes: Int
  /// `[n, height, width, 3]`, 0 to 255.
  public let pixels: UnsafeMutablePointer<Float>
  /// `[n, k]`, each row sums to 1.
  public let labels: UnsafeMutablePointer<Float>

  public init(
    count: Int, height: Int, width: Int, classes: Int, pixels: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<Float>
  ) {
    self.count = count
    self.height = height
    self.width = width
    self.classes = classes
    self.pixels = pixels
    self.labels = labels
  }
}
