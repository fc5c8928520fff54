import Foundation
import Images
import Synchronization
import Testing

/// A format of these tests: `TURNED` or `GIF8TU` to show that a known, unread format may be taken; a byte of orientation,
/// one of what goes wrong, width and height as little-endian 32-bit numbers, then the pixels.
private struct TurnedCodec: PictureCodec {
  let name = "turned"
  let extensions = ["trnd"]
  /// How often it was asked about bytes that begin like a built-in format.
  static let needlessQuestions = Atomic<Int>(0)
  static let headerBytes = 16

  func recognises(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // Other suites look at files that are cut before their format can be told.
    let isWhole = bytes.count == PictureCodecs.signatureBytes
    let beginnings: [[UInt8]] = [[0xff, 0xd8], [0x89, 0x50, 0x4e, 0x47], Array("BM".utf8)]
    if isWhole, beginnings.contains(where: bytes.starts) {
      TurnedCodec.needlessQuestions.add(1, ordering: .relaxed)
    }
    if bytes.count > PictureCodecs.signatureBytes { return false }
    return bytes.starts(with: "TURNED".utf8) || bytes.starts(with: "GIF8TU".utf8)
  }

  func header(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> PictureHeader {
    if bytes.count < TurnedCodec.headerBytes { throw .truncated(.other(name)) }
    func number(_ place: Int) -> Int { Int(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)) }
    return PictureHeader(
      width: number(8), height: number(12), orientation: Int(bytes[6]), workspaceBytes: bytes[7] == 9 ? .max : 100)
  }

  func decode(
    _ bytes: UnsafeRawBufferPointer, header: PictureHeader, into pixels: UnsafeMutablePointer<UInt8>,
    workspace: UnsafeMutableRawPointer?
  ) throws(ImageError) {
    let count = header.width * header.height * 3
    if bytes.count < TurnedCodec.headerBytes + count { throw .truncated(.other(name)) }
    guard let workspace, Int(bitPattern: workspace) % 64 == 0, Int(bitPattern: pixels) % 64 == 0 else {
      throw .corrupt(.other(name), message: "the memory is not aligned")
    }
    memset(workspace, 1, header.workspaceBytes)
    memcpy(pixels, bytes.baseAddress! + TurnedCodec.headerBytes, count)
  }

  static func encode(
    _ picture: Picture, orientation: Int = 1, fault: UInt8 = 0, width: Int? = nil, height: Int? = nil,
    word: String = "TURNED"
  ) -> Data {
    var data = Data(word.utf8) + Data([UInt8(orientation), fault])
    for side in [width ?? picture.width, height ?? picture.height] {
      withUnsafeBytes(of: UInt32(side).littleEndian) { data += Data($0) }
    }
    return data + Data(picture.pixels)
  }
}

@Suite("formats of registered codecs")
struct PictureCodecTests {
  init() { PictureCodecs.register(TurnedCodec()) }

  private func error(_ data: Data, _ settings: PictureDecoder.Settings = .init()) -> String {
    do throws(ImageError) {
      _ = try PictureDecoder.decode(data, settings: settings)
      return "(none)"
    } catch {
      return "\(error.statusWord): \(error)"
    }
  }

  @Test("a registered codec's pictures are read, and its ending names pictures, whatever the letter case")
  func reads() throws {
    let picture = Samples.noise(5, 3, seed: 1)
    #expect(try PictureDecoder.decode(TurnedCodec.encode(picture)) == picture)
    #expect(isPictureName("a/b.trnd") && isPictureName("B.TRND"))
    #expect(!isPictureName("a/b.trndx") && !isPictureName(".b.trnd"))
    #expect(!PictureCodecs.register(TurnedCodec()), "the name is taken")
  }

  @Test("the orientation that a codec says is applied as that of a JPEG, and not where TensorFlow is copied")
  func orientation() throws {
    let stored = Samples.noise(3, 2, seed: 2)
    let upright = try PictureDecoder.decode(TurnedCodec.encode(stored, orientation: 6))
    // A quarter turn to the right: the lower left corner becomes the upper left one.
    #expect(upright.width == 2 && upright.height == 3)
    #expect(upright[0, 0] == stored[0, 1] && upright[1, 0] == stored[0, 0] && upright[0, 2] == stored[2, 1])
    let settings = PictureDecoder.Settings(mode: .tensorflow)
    #expect(try PictureDecoder.decode(TurnedCodec.encode(stored, orientation: 6), settings: settings) == stored)
  }

  @Test("built-in formats never reach a codec, formats that are only known by name do")
  func order() throws {
    let picture = Samples.gradient(4, 4)
    for data in [try PictureEncoder.png(picture)] {
      _ = try PictureDecoder.decode(data)
    }
    #expect(TurnedCodec.needlessQuestions.load(ordering: .relaxed) == 0)
    #expect(try PictureDecoder.decode(TurnedCodec.encode(picture, word: "GIF8TU")) == picture)
    #expect(error(Data("GIF89a ...".utf8)) == "unsupported: GIF is not supported")
    #expect(error(Data("no picture".utf8)) == "not_an_image: not a picture in a known format")
  }

  @Test("sizes are checked before memory is taken, and what a codec throws is said with its name")
  func limits() {
    let picture = Samples.noise(4, 4, seed: 3)
    let small = PictureDecoder.Settings(maximumPixels: 15)
    #expect(error(TurnedCodec.encode(picture), small).hasPrefix("too_large: 4 x 4 pixels, but at most 15"))
    let giant = TurnedCodec.encode(picture, width: 4_000_000_000, height: 4_000_000_000)
    #expect(error(giant).hasPrefix("too_large: 4000000000 x 4000000000"))
    #expect(error(TurnedCodec.encode(picture, fault: 9)).hasPrefix("too_large"), "endless scratch memory")
    #expect(
      error(TurnedCodec.encode(picture, width: 0))
        == "corrupt: the turned data is damaged: 0 x 4 pixels, orientation 1")
    #expect(
      error(TurnedCodec.encode(picture, orientation: 9))
        == "corrupt: the turned data is damaged: 4 x 4 pixels, orientation 9")
    #expect(error(TurnedCodec.encode(picture).dropLast()) == "truncated: the turned data ends too early")
    #expect(error(Data("TURNED".utf8)) == "truncated: the turned data ends too early")
  }

  @Test("pixels in memory are fitted and resized as those of a file, to floats and to bytes")
  func pixels() throws {
    for (width, height) in [(9, 7), (6, 5)] {
      let picture = Samples.noise(width, height, seed: 4)
      let preprocessing = Preprocessing(height: 5, width: 6, fit: .pad)
      var (expected, found) = ([Float](repeating: 0, count: 90), [Float](repeating: 1, count: 90))
      preprocessing.resize(picture, into: &expected)
      preprocessing.read(pixels: picture.pixels, width: width, height: height, into: &found)
      #expect(found == expected)
      var bytes = [UInt8](repeating: 0, count: 90)
      preprocessing.read(pixels: picture.pixels, width: width, height: height, intoBytes: &bytes)
      #expect(bytes.map(Float.init) == expected)
    }
  }
}
