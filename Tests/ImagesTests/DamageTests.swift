import CTurboJPEG
import Foundation
import Images
import Tensors
import Testing

@Suite("Damaged files") struct DamageTests {
  static let files: [(String, Data)] = {
    let picture = Samples.gradient(64, 48)
    let noisy = Samples.noise(40, 30, seed: 2)
    let tiff = TIFFSample(width: 40, height: 30, rowsPerStrip: 7)
    let rgba = noisy.pixels + noisy.pixels.prefix(40 * 30)
    return [
      ("baseline", Samples.jpeg(picture, subsampling: TJSAMP_420)),
      ("progressive", Samples.jpeg(noisy, flags: TJFLAG_PROGRESSIVE)),
      ("png", (try? PictureEncoder.png(noisy)) ?? Data()),
      ("tiff", tiff.data { Int(noisy.pixels[($1 * 40 + $0) * 3 + $2]) }),
      ("webp", Samples.webp(noisy, quality: 80)),
      ("lossless webp", Samples.webp(rgba: rgba, width: 40, height: 30)),
      ("bmp", BMPSample.rgb(noisy)),
    ]
  }()

  @Test("a file cut anywhere gives an error", arguments: DamageTests.files.map(\.0))
  func cut(name: String) throws {
    let data = try #require(DamageTests.files.first { $0.0 == name }).1
    #expect(decodingError(data) == nil)
    for length in stride(from: 0, to: data.count - 1, by: max(1, data.count / 150)) {
      let error = try #require(decodingError(data.prefix(length)), "\(length) of \(data.count) bytes")
      let isKnown = ["empty", "not_an_image", "truncated", "corrupt", "unsupported"].contains(error.statusWord)
      #expect(isKnown, "\(length): \(error)")
      if length >= 30, name != "tiff", name != "bmp" { #expect(error.statusWord == "truncated", "\(length): \(error)") }
    }
  }

  @Test("a JPEG without its last bytes is truncated", arguments: [1, 2, 3, 10])
  func lastBytes(missing: Int) {
    for (_, data) in DamageTests.files.prefix(2) {
      #expect(decodingError(data.dropLast(missing)) == .truncated(.jpeg))
    }
  }

  @Test("flipped bytes give a picture or an error, never a crash", arguments: DamageTests.files.map(\.0))
  func flips(name: String) throws {
    let data = try #require(DamageTests.files.first { $0.0 == name }).1
    var stream = RandomStream(RandomKey(seed: 3).deriving(name))
    for round in 0..<200 {
      var damaged = data
      // Headers deserve more of the damage.
      let reach = round % 2 == 0 ? min(200, data.count) : data.count
      for _ in 0..<(1 + stream.integer(below: 4)) {
        damaged[stream.integer(below: reach)] = UInt8(truncatingIfNeeded: stream.next32())
      }
      do throws(ImageError) {
        let picture = try PictureDecoder.decode(damaged, settings: .init(maximumPixels: 4_000_000))
        #expect(picture.pixels.count == picture.width * picture.height * 3)
      } catch {
        #expect(!error.statusWord.isEmpty)
      }
    }
  }

  @Test("what is no picture is told by its kind")
  func notPictures() {
    #expect(decodingError(Data()) == .empty)
    #expect(decodingError(Data("BMW is a text\nwith two lines\n".utf8)) == .notAnImage)
    #expect(decodingError(Data("{}".utf8)) == .notAnImage)
    #expect(decodingError(Data(repeating: 0, count: 1000)) == .notAnImage)
    #expect(decodingError(Data("GIF89a......".utf8)) == .unsupported(what: "GIF"))
    #expect(decodingError(Data([0xff, 0xd8])) == .truncated(.jpeg))
  }

  @Test("a huge size with little data is refused before memory is taken")
  func bombs() throws {
    var jpeg = Samples.jpeg(Samples.gradient(16, 16))
    let frame = try #require(jpeg.range(of: Data([0xff, 0xc0])))
    let size = frame.upperBound + 3..<frame.upperBound + 7
    jpeg.replaceSubrange(size, with: [0xff, 0xdc, 0xff, 0xdc])
    #expect(decodingError(jpeg)?.statusWord == "too_large")
    jpeg.replaceSubrange(size, with: [0x27, 0x10, 0x27, 0x10])
    #expect(decodingError(jpeg) == .truncated(.jpeg))

    let png = PNGSample(width: 14_000, height: 14_000, bits: 8, colourType: 2).file(holding: Data(count: 500))
    #expect(decodingError(png) == .truncated(.png))
  }

  @Test("junk between a JPEG's markers does no harm, if all of the picture is there")
  func harmless() throws {
    let data = Samples.jpeg(Samples.gradient(32, 32))
    let expected = try PictureDecoder.decode(data)
    let junk = Data(data.dropLast(2)) + Data([1, 2, 3, 4]) + Data(data.suffix(2))
    #expect(try PictureDecoder.decode(junk) == expected)
    #expect(try PictureDecoder.decode(data + Data("trailing bytes".utf8)) == expected)
  }

  @Test("files that cannot be read are named by the system's reason")
  func unreadable() throws {
    let folder = NSTemporaryDirectory() + "workbench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    mkfifo(folder + "/pipe.jpg", 0o600)
    #expect(FileManager.default.createFile(atPath: folder + "/empty.jpg", contents: Data()))
    func error(_ path: String) -> ImageError? {
      do throws(ImageError) {
        _ = try PictureDecoder.decode(file: path)
        return nil
      } catch {
        return error
      }
    }
    #expect(error(folder + "/absent.jpg") == .unreadable(reason: "No such file or directory"))
    #expect(error(folder) == .unreadable(reason: "it is a folder"))
    #expect(error(folder + "/pipe.jpg") == .unreadable(reason: "it is no regular file"))
    #expect(error(folder + "/empty.jpg") == .empty)
  }

  @Test("every error has a sentence and a word for tables")
  func sentences() {
    let table: [(ImageError, String, String)] = [
      (.unreadable(reason: "Permission denied"), "unreadable", "cannot be read: Permission denied"),
      (.empty, "empty", "the file is empty"),
      (.truncated(.jpeg), "truncated", "the JPEG data ends too early"),
      (.corrupt(.webp, message: "bad"), "corrupt", "the WebP data is damaged: bad"),
      (.notAnImage, "not_an_image", "not a picture in a known format"),
      (.unsupported(what: "GIF"), "unsupported", "GIF is not supported"),
      (
        .tooLarge(width: 9, height: 8, maximumPixels: 7), "too_large", "9 x 8 pixels, but at most 7 in all are read"
      ),
      (.fileTooLarge(bytes: 9, maximumBytes: 8), "too_large", "a file of 9 bytes, but at most 8 are read"),
    ]
    for (error, word, sentence) in table {
      #expect(error.statusWord == word)
      #expect("\(error)" == sentence)
    }
  }
}
