import Images

/// Pictures with labels that come from neither files nor records: a plugin's source.
///
/// All that it says follows from `origin` alone: the same sample of the same epoch is the same picture, whoever asks first.
public protocol PictureProvider: AnyObject, Sendable {
  /// What to call it in tables and messages: `fractals`.
  var name: String { get }
  /// What the pictures follow from: plugin, version, options. Runs are told apart by it.
  var origin: String { get }
  /// How many samples there are, 0 ..< count.
  var count: Int { get }
  /// The class table.
  var classes: [String] { get }
  /// Whether a sample looks different in different epochs.
  var variesByEpoch: Bool { get }

  /// What is known of a sample without its picture. By one thread at a time.
  ///
  /// - Throws: `DatasetError`.
  func describe(_ sample: Int) throws(DatasetError) -> ProvidedSample

  /// Hands out a sample's picture, which is valid inside `body` only. By several threads at once.
  ///
  /// - Parameters:
  ///   - epoch: from 0; 0 outside of training.
  ///   - width: pixels that are wanted; the picture may have any others.
  /// - Throws: `ImageError` when there is no such picture; what `body` throws.
  func withPicture(
    _ sample: Int, epoch: Int, width: Int, height: Int, _ body: (ProvidedContents) throws(ImageError) -> Void
  ) throws(ImageError)
}

/// What a provider knows of a sample without its picture.
public struct ProvidedSample: Equatable, Sendable {
  /// A place in the class table; -1 when it is not known.
  public var label: Int
  /// For tables and messages; empty: it is called by its number.
  public var name: String
  /// nil: a group of its own.
  public var group: String?
  /// nil: the recipe divides the samples.
  public var split: Split?

  public init(label: Int, name: String = "", group: String? = nil, split: Split? = nil) {
    self.label = label
    self.name = name
    self.group = group
    self.split = split
  }
}

/// A provider's picture.
public enum ProvidedContents {
  /// A picture file, in any format that is read.
  case encoded(UnsafeRawBufferPointer)
  /// `[height, width, 3]` bytes; each extent is 1 or more.
  case pixels(UnsafePointer<UInt8>, width: Int, height: Int)
}

/// One sample of a provider.
public struct ProvidedPicture: Sendable {
  public let provider: any PictureProvider
  public let index: Int

  public init(provider: any PictureProvider, index: Int) {
    self.provider = provider
    self.index = index
  }

  /// `SOURCE#INDEX`
  public var path: String { "\(provider.name)#\(index)" }

  func read(
    _ preprocessing: Preprocessing, epoch: Int, into output: UnsafeMutablePointer<Float>
  ) throws(ImageError) {
    try provider.withPicture(index, epoch: epoch, width: preprocessing.width, height: preprocessing.height) {
      (contents) throws(ImageError) in
      switch contents {
      case .encoded(let bytes): try preprocessing.read(bytes: bytes, into: output)
      case .pixels(let pixels, let width, let height):
        preprocessing.read(pixels: pixels, width: width, height: height, into: output)
      }
    }
  }

  func read(
    _ preprocessing: Preprocessing, epoch: Int, intoBytes output: UnsafeMutablePointer<UInt8>
  ) throws(ImageError) {
    try provider.withPicture(index, epoch: epoch, width: preprocessing.width, height: preprocessing.height) {
      (contents) throws(ImageError) in
      switch contents {
      case .encoded(let bytes): try preprocessing.read(bytes: bytes, intoBytes: output)
      case .pixels(let pixels, let width, let height):
        preprocessing.read(pixels: pixels, width: width, height: height, intoBytes: output)
      }
    }
  }
}

extension ProvidedPicture: Equatable {
  public static func == (left: ProvidedPicture, right: ProvidedPicture) -> Bool {
    left.provider === right.provider && left.index == right.index
  }
}
