import Datasets
import Foundation
import Images
import PluginHost
import Records
import TestSupport
import Testing

@Suite("codecs of plugins")
struct PluginCodecTests {
  private let library: PluginLibrary

  init() throws { library = try TestPictures.library.get() }

  /// 5 x 3, every pixel different.
  private static let picture = Picture(width: 5, height: 3, pixels: (0..<45).map { UInt8($0 * 5) })

  private func error(_ data: Data) -> String {
    do throws(ImageError) {
      _ = try PictureDecoder.decode(data)
      return "(none)"
    } catch {
      return "\(error.statusWord): \(error)"
    }
  }

  @Test("pictures of a plugin's format are read: pixels, orientation, transparency on white")
  func decodes() throws {
    #expect(try PictureDecoder.decode(TestPictures.testfeld(Self.picture)) == Self.picture)
    #expect(try PictureDecoder.decode(TestPictures.testfeld(Self.picture, orientation: 0)) == Self.picture)
    let turned = try PictureDecoder.decode(TestPictures.testfeld(Self.picture, orientation: 3))
    #expect(turned[0, 0] == Self.picture[4, 2])
    let clear = try PictureDecoder.decode(TestPictures.testfeld(Self.picture, opacity: 0))
    #expect(clear.pixels.allSatisfy { $0 == 255 })
  }

  @Test("damage is said with the codec's name, and large pictures are refused before they are decoded")
  func damage() {
    let good = TestPictures.testfeld(Self.picture)
    #expect(error(good.dropLast()) == "truncated: the testfeld data ends too early")
    #expect(error(good.prefix(12)) == "truncated: the testfeld data ends too early")
    #expect(
      error(TestPictures.testfeld(Self.picture, opacity: 13)) == "corrupt: the testfeld data is damaged: opacity 13")
    func with(kind: Character) -> Data { good.prefix(8) + [kind.asciiValue!] + good.dropFirst(9) }
    #expect(error(with(kind: "U")) == "unsupported: a testfeld of this kind (kind U) is not supported")
    #expect(
      error(with(kind: "M")) == "too_large: the codec testfeld of the plugin test_pictures says: no memory")
    #expect(error(with(kind: "\u{9}")).hasPrefix("corrupt: the testfeld data is damaged: 5 x 3 pixels, orientation 9"))
    let giant = good.prefix(9) + Data(repeating: 255, count: 8) + good.dropFirst(17)
    #expect(error(giant).hasPrefix("too_large: 4294967295 x 4294967295 pixels"))
  }

  @Test("a folder with pictures of a plugin's format is a data set, and so are records with them")
  func dataSets() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
      try TestPictures.testfeld(Self.picture).write(to: URL(fileURLWithPath: folder.file(name + "/1.tff")))
    }
    let dataset = try FolderSource(path: folder.path).read()
    #expect(dataset.samples.map(\.name) == ["a/1.tff", "b/1.tff"])
    var pixels = [UInt8](repeating: 0, count: 45)
    try dataset.samples[1].source.read(Preprocessing(height: 3, width: 5), intoBytes: &pixels)
    #expect(pixels == Self.picture.pixels)

    let writer = try RecordWriter(path: folder.file("r.tfr"))
    try writer.append(["image": .data(TestPictures.testfeld(Self.picture)), "label": .integer(0)])
    try writer.finish()
    var source = RecordSource(parts: [.init(paths: [folder.file("r.tfr")])])
    source.imageKey = "image"
    let records = try source.read()
    pixels = [UInt8](repeating: 0, count: 45)
    try records.samples[0].source.read(Preprocessing(height: 3, width: 5), intoBytes: &pixels)
    #expect(pixels == Self.picture.pixels)
  }

  @Test("a second codec of one name is refused")
  func twice() {
    #expect(
      throws: PluginError.nameTaken(
        path: library.path, what: "codec", name: "testfeld", owner: "another plugin")
    ) { try library.registerCodecs() }
  }
}
