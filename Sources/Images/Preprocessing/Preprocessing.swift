import Schemas

/// How a picture's bytes become a network's input: all that must be the same in training and in prediction.
///
/// Stored with the model. Decoding, fitting and resizing give `[height, width, 3]` in 0 to 255; augmentations work on
/// that; `normalise` brings it to the network's range at last.
public struct Preprocessing: Equatable, Sendable {
  /// How a compressed picture is decoded.
  public enum DecoderMode: String, Codable, Sendable, CaseIterable {
    /// The accurate DCT; the EXIF orientation is applied.
    case accurate
    /// As TensorFlow decodes: the fast integer DCT, fancy upsampling, the EXIF orientation ignored.
    case tensorflow
  }

  /// How pixels are resampled.
  public enum ResizeMode: String, Codable, Sendable, CaseIterable {
    /// Half-pixel centres, no antialias: `tf.image.resize`.
    case bilinear
    /// A triangle filter as wide as the shrinking asks for: `tf.image.resize(antialias=True)`, Pillow's `BILINEAR`.
    case area
  }

  /// What happens to a picture whose sides are in another proportion than the network's input.
  public enum FitMode: String, Codable, Sendable, CaseIterable {
    /// It is stretched.
    case stretch
    /// It is shrunk until it fits, and the rest gets the pad colour.
    case pad
    /// Its middle is cut out in the right proportion.
    case crop
  }

  public var height: Int
  public var width: Int
  public var decoder: DecoderMode
  /// Whether a JPEG that is much larger than needed is decoded at 1/2, 1/4 or 1/8 of its size, by leaving out
  /// frequencies. Ignored by `tensorflow`.
  public var dctScaling: Bool
  public var resize: ResizeMode
  public var fit: FitMode
  /// Red, green, blue.
  public var padColour: [UInt8]
  /// Whether resized pixels are rounded to whole numbers, so that they can be kept as bytes.
  public var rounded: Bool
  /// What 0 and 255 become in the network's input: low and high.
  public var range: [Float]

  public init(
    height: Int, width: Int, decoder: DecoderMode = .accurate, dctScaling: Bool = true, resize: ResizeMode = .area,
    fit: FitMode = .stretch, padColour: [UInt8] = [255, 255, 255], rounded: Bool = true, range: [Float] = [0, 1]
  ) {
    self.height = height
    self.width = width
    self.decoder = decoder
    self.dctScaling = dctScaling
    self.resize = resize
    self.fit = fit
    self.padColour = padColour
    self.rounded = rounded
    self.range = range
  }

  /// As TensorFlow's `decode_jpeg` and `image.resize`: what an imported Keras model was trained with.
  public static func tensorflow(height: Int, width: Int, range: [Float] = [0, 255]) -> Preprocessing {
    Preprocessing(
      height: height, width: width, decoder: .tensorflow, dctScaling: false, resize: .bilinear, rounded: false,
      range: range)
  }

  /// How many floats a picture becomes.
  public var count: Int { height * width * 3 }

  /// The longest side, and the most pixels, that a network's input may have.
  public static let maximumSide = 16384
  public static let maximumArea = 1 << 26
}
