import Foundation
import Records
import TestSupport
import Testing

/// Every message names the file and the byte where the record begins.
@Suite("damaged records")
struct DamagedRecordTests {
  private let bytes: RecordBytes

  init() throws { bytes = try RecordBytes() }

  private func readable(_ file: RecordFile) -> [Int] {
    (0..<file.count).filter { (try? file.picture(at: $0)) != nil }
  }

  @Test("a changed payload or checksum spoils its record only", arguments: [12, 30, 12 + 70])
  func payload(byte: Int) throws {
    let file = try bytes.damage { data, offsets in
      // The last argument is within the checksum of record 2.
      let at = byte > 80 ? offsets[3] - 2 : offsets[2] + byte
      data[at] ^= 4
    }
    #expect(file.count == 5 && file.tail == nil)
    #expect(readable(file) == [0, 1, 3, 4])
    let place = file.place(of: 2)
    #expect(
      message { _ = try file.picture(at: 2) }
        == "\(bytes.path): record 2 at byte \(place.offset): its data has not the checksum that stands behind it")
  }

  @Test("behind a damaged length, or checksum of one, nothing is found", arguments: [0, 7, 8, 11])
  func length(byte: Int) throws {
    var offset = 0
    let file = try bytes.damage { data, offsets in
      offset = offsets[2]
      data[offset + byte] ^= 128
    }
    #expect(readable(file) == [0, 1] && file.count == 2)
    #expect(
      file.tail.map { "\($0)" }
        == "\(bytes.path): record 2 at byte \(offset): its length has not the checksum that stands behind it; where further "
        + "records begin is not known")
  }

  @Test(
    "a file that ends within a length, a payload or a checksum keeps the records before", arguments: [1, 11, 12, 40])
  func cut(bytesOfLast: Int) throws {
    var offset = 0
    let file = try bytes.damage { data, offsets in
      offset = offsets[4]
      data = data.prefix(offset + bytesOfLast)
    }
    #expect(readable(file) == [0, 1, 2, 3] && file.count == 4)
    let reason =
      bytesOfLast < 12
      ? "the file ends within its length, after \(bytesOfLast) of 12 bytes"
      : "the file ends within it: it takes 80 bytes and a checksum of 4, of which there are \(bytesOfLast - 12)"
    #expect(file.tail.map { "\($0)" } == "\(bytes.path): record 4 at byte \(offset): \(reason)")
  }

  @Test("the last checksum cut off is a cut payload")
  func cutChecksum() throws {
    let file = try bytes.damage { data, _ in data = data.dropLast(2) }
    guard case .cutPayload? = file.tail else {
      Issue.record("\(String(describing: file.tail))")
      return
    }
    #expect(file.count == 4)
  }

  @Test(
    "a length of almost 2^64, with a good checksum, overflows nothing",
    arguments: [UInt64.max, UInt64.max - 15, UInt64(1) << 63])
  func hostileLength(length: UInt64) throws {
    // The checksums are the writer's own: of a record whose payload is these eight bytes.
    let number = withUnsafeBytes(of: length.littleEndian) { Array($0) }
    let writer = try RecordWriter(path: bytes.path)
    try writer.append(payload: [1, 2, 3])
    try writer.append(payload: number)
    try writer.finish()
    let whole = try Data(contentsOf: URL(fileURLWithPath: bytes.path))
    let good = whole.prefix(19)
    let checksum = whole.suffix(4)
    try (good + Data(number) + checksum + Data(count: 100)).write(to: URL(fileURLWithPath: bytes.path))
    let file = try RecordFile(path: bytes.path)
    #expect(file.count == 1)
    #expect(
      file.tail == .cutPayload(RecordPlace(path: bytes.path, index: 1, offset: 19), wanted: length, found: 100))
  }

  @Test("data that is no tf.Example is said to be none", arguments: [[0xff], [0x0a, 0x7f], [0x08]] as [[UInt8]])
  func notAnExample(payload: [UInt8]) throws {
    let writer = try RecordWriter(path: bytes.path)
    try writer.append(payload: payload)
    try writer.finish()
    let file = try RecordFile(path: bytes.path)
    #expect(
      message { _ = try file.features(at: 0) }
        == "\(bytes.path): record 0 at byte 0: its data is no tf.Example")
  }

  @Test("an empty payload is an example without features")
  func emptyExample() throws {
    let writer = try RecordWriter(path: bytes.path)
    try writer.append(payload: [])
    try writer.finish()
    #expect(
      message { _ = try RecordFile(path: bytes.path).picture(at: 0) }
        == "\(bytes.path): record 0 at byte 0: no feature 'image'; it has none")
  }

  @Test("missing keys and wrong kinds name the key and what there is")
  func keys() throws {
    let file = try bytes.write([
      ["image": .integer(3), "category": .numbers([1]), "name": .data(Data([0xff])), "two": .integers([1, 2])]
    ])
    let start = "\(bytes.path): record 0 at byte 0: "
    #expect(
      message { _ = try file.picture(at: 0, key: "picture") }
        == start + "no feature 'picture'; it has 'category', 'image', 'name', 'two'")
    #expect(
      message { _ = try file.picture(at: 0) }
        == start + "the feature 'image' must be the bytes of one picture file, not int64")
    #expect(
      message { _ = try file.label(at: 0) } == start + "the feature 'category' must be one int64 or one name, not float"
    )
    #expect(message { _ = try file.label(at: 0, key: "two") }?.hasSuffix("not 2 int64") == true)
    #expect(message { _ = try file.label(at: 0, key: "name") } == start + "the class name in 'name' is not UTF-8 text")
  }

  @Test("other files are refused, and compressed ones by their method")
  func otherFiles() throws {
    func refusal(_ data: [UInt8]) throws -> String? {
      try Data(data).write(to: URL(fileURLWithPath: bytes.path))
      return message { _ = try RecordFile(path: bytes.path) }
    }
    let rest = [UInt8](repeating: 7, count: 40)
    #expect(
      try refusal([0x1f, 0x8b, 8, 0] + rest)
        == "\(bytes.path): the file is compressed with gzip as a whole, and compressed TFRecords are not read; uncompress it "
        + "first (gzip -dc)")
    #expect(try refusal([0x78, 0x9c] + rest)?.contains("compressed with zlib") == true)
    #expect(
      try refusal(Array("path\tclass\na/1.jpg\ta\n".utf8))
        == "\(bytes.path): no TFRecord file: its first 12 bytes are not a length and the checksum of one")
    #expect(message { _ = try RecordFile(path: "/nowhere") } == "/nowhere: no such file")
    #expect(
      message { _ = try RecordFile(path: bytes.folder.path) } == "\(bytes.folder.path): cannot be read: it is a folder")
  }

  @Test("random damage never ends the process, and whatever is read is what was written")
  func randomDamage() throws {
    try bytes.write()
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: bytes.path)))
    var state: UInt64 = 42
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<500 {
      var data = whole
      for _ in 0...random(3) { data[random(data.count)] = UInt8(random(256)) }
      if random(3) == 0 { data.removeLast(random(data.count)) }
      try Data(data).write(to: URL(fileURLWithPath: bytes.path))
      guard let file = try? RecordFile(path: bytes.path) else { continue }
      for index in 0..<file.count {
        if let picture = try? file.picture(at: index) { #expect(picture == RecordBytes.picture(index)) }
      }
    }
  }
}
