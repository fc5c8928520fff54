import CTurboJPEG
import Foundation
import Kernels

/// Decodes one picture after another, keeping the codec and the memory.
///
/// Not for several threads at once: `PictureReader.ofThisThread` gives each its own.
final class PictureReader {
  /// Upright pixels, `[height, width, 3]`, in the reader's memory: valid until its next picture.
  struct Pixels {
    let width: Int
    let height: Int
    let pointer: UnsafeMutablePointer<UInt8>
  }

  /// Of each buffer, this much is kept between pictures.
  private static let keptBytes = 32 << 20

  let pixels = ByteBuffer()
  let resampler = Resampler()
  /// What registered codecs write to, and their scratch: memory that only `reserve` makes, and so aligned.
  let registeredPixels = ByteBuffer()
  let workspace = ByteBuffer()
  private let turned = ByteBuffer()
  private let file = ByteBuffer()
  private(set) lazy var jpegHandle: tjhandle? = tjInitDecompress()

  deinit {
    if let jpegHandle { tjDestroy(jpegHandle) }
  }

  /// The memory of a large picture should not stay with the thread.
  func trim() {
    for buffer in [pixels, registeredPixels, workspace, turned, file] { buffer.trim(to: PictureReader.keptBytes) }
  }

  func decode(
    _ bytes: UnsafeRawBufferPointer, settings: PictureDecoder.Settings, target: DecodingTarget
  ) throws(ImageError) -> Pixels {
    let decoded: (pixels: Pixels, orientation: Int)
    switch try PictureFormat.sniff(bytes) {
    case .jpeg?: decoded = try decodeJPEG(bytes, settings: settings, target: target)
    case .png?: decoded = try decodePNG(bytes, settings: settings)
    case .tiff?: decoded = try decodeTIFF(bytes, settings: settings)
    case .webp?: decoded = try decodeWebP(bytes, settings: settings)
    case .bmp?: decoded = (try decodeBMP(bytes, settings: settings), 1)
    case .other?, nil:
      guard let codec = PictureCodecs.codec(for: bytes) else { throw PictureFormat.unknown(bytes) }
      decoded = try decode(bytes, settings: settings, with: codec)
    }
    if settings.mode == .tensorflow || decoded.orientation == 1 { return decoded.pixels }
    return try turn(decoded.pixels, orientation: decoded.orientation)
  }

  /// Reads a file and hands its bytes, which are valid until the next file.
  func contents(of path: UnsafePointer<CChar>) throws(ImageError) -> UnsafeRawBufferPointer {
    try FileReading.read(path, into: file, maximumBytes: PictureDecoder.maximumFileBytes)
  }

  /// - Throws: `ImageError.tooLarge` when the picture has too many pixels, or there is no memory for it.
  ///
  /// - Parameter buffer: nil for `pixels`.
  func makeRoom(
    width: Int, height: Int, channels: Int, maximumPixels: Int, in buffer: ByteBuffer? = nil
  ) throws(ImageError) -> UnsafeMutablePointer<UInt8> {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, count <= maximumPixels, let memory = (buffer ?? pixels).reserve(count * channels) else {
      throw .tooLarge(width: width, height: height, maximumPixels: maximumPixels)
    }
    return memory
  }

  /// Applies an EXIF orientation of 2 to 8.
  private func turn(_ source: Pixels, orientation: Int) throws(ImageError) -> Pixels {
    let (w, h) = (source.width, source.height)
    let isTransposed = orientation >= 5
    let width = isTransposed ? h : w
    let height = isTransposed ? w : h
    guard let output = turned.reserve(w * h * 3) else {
      throw .tooLarge(width: w, height: h, maximumPixels: PictureDecoder.maximumPixels)
    }
    // Where the upright picture's first pixel is stored, and the steps to its right and lower neighbours.
    let (origin, stepX, stepY): (Int, Int, Int) =
      switch orientation {
      case 2: (w - 1, -1, w)
      case 3: (w * h - 1, -1, -w)
      case 4: (w * (h - 1), 1, -w)
      case 5: (0, w, 1)
      case 6: (w * (h - 1), -w, 1)
      case 7: (w * h - 1, -w, -1)
      default: (w - 1, w, -1)
      }
    reorder_pixels_u8(
      source.pointer, output, width: width, height: height, origin: origin, stepX: stepX, stepY: stepY)
    return Pixels(width: width, height: height, pointer: output)
  }
}

extension PictureReader {
  /// The reader of the calling thread, made at its first use and freed with the thread.
  static var ofThisThread: PictureReader {
    if let existing = pthread_getspecific(threadKey) {
      return Unmanaged<PictureReader>.fromOpaque(existing).takeUnretainedValue()
    }
    let reader = PictureReader()
    pthread_setspecific(threadKey, Unmanaged.passRetained(reader).toOpaque())
    return reader
  }

  private static let threadKey: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { reader in
      if let reader { Unmanaged<PictureReader>.fromOpaque(reader).release() }
    }
    return key
  }()
}
