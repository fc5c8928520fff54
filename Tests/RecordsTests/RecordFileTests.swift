import Foundation
import Records
import TestSupport
import Testing

@Suite("record files")
struct RecordFileTests {
  @Test("what is written is read back, in the same bytes each time")
  func roundTrip() throws {
    let bytes = try RecordBytes()
    let file = try bytes.write()
    #expect(file.count == RecordBytes.count)
    #expect(file.tail == nil)
    for index in 0..<file.count {
      #expect(try file.picture(at: index) == RecordBytes.picture(index))
      #expect(try file.label(at: index) == .number(index % 2))
      #expect(try file.features(at: index).keys == ["category", "image"])
    }
    let first = try Data(contentsOf: URL(fileURLWithPath: bytes.path))
    try bytes.write()
    #expect(try Data(contentsOf: URL(fileURLWithPath: bytes.path)) == first)
  }

  @Test("a record is laid out as TensorFlow's: length, masked CRC-32C, payload, masked CRC-32C")
  func layout() throws {
    let bytes = try RecordBytes()
    let writer = try RecordWriter(path: bytes.path)
    // The known vector of CRC-32C, 0xE3069283, and of the length 9; masked by hand.
    try writer.append(payload: Array("123456789".utf8))
    try writer.finish()
    let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: bytes.path)))
    #expect(Array(data[0..<8]) == [9, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(data[12..<21]) == Array("123456789".utf8))
    let crc: UInt32 = 0xe306_9283
    let masked = ((crc >> 15) | (crc << 17)) &+ 0xa282_ead8
    #expect(Array(data[21...]) == withUnsafeBytes(of: masked.littleEndian) { Array($0) })
    #expect(data.count == 25)
  }

  @Test("every kind of value survives")
  func values() throws {
    let record: [String: RecordValue] = [
      "none": .none, "one": .integer(-5), "many": .integers([1, 2, .max]), "floats": .numbers([0.5, -1e30]),
      "text": .text("Ōak"), "bytes": .bytes([Data(), Data([0, 255])]),
    ]
    let features = try RecordBytes().write([record]).features(at: 0)
    for (key, value) in record { #expect(features[key] == value) }
    #expect(features["another"] == nil)
    #expect(
      features.keyDescriptions == [
        "'bytes' (2 bytes)", "'floats' (2 float)", "'many' (3 int64)", "'none' (nothing)", "'one' (int64)",
        "'text' (bytes)",
      ])
    #expect(try features.label("text") == .name("Ōak"))
  }

  @Test("a writer that does not finish leaves the old file, and nothing beside it")
  func unfinished() throws {
    let bytes = try RecordBytes()
    try bytes.write()
    let old = try Data(contentsOf: URL(fileURLWithPath: bytes.path))
    do {
      let writer = try RecordWriter(path: bytes.path)
      try writer.append(payload: [1])
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: bytes.path)) == old)
    #expect(try FileManager.default.contentsOfDirectory(atPath: bytes.folder.path) == ["a.tfr"])
  }

  @Test("what cannot be written is said")
  func cannotWrite() throws {
    #expect(throws: RecordError.cannotWrite(path: "/nowhere/a.tfr", reason: "No such file or directory")) {
      try RecordWriter(path: "/nowhere/a.tfr")
    }
  }

  @Test("an empty file has no records")
  func empty() throws {
    let bytes = try RecordBytes()
    let file = try bytes.write([])
    #expect(file.count == 0 && file.tail == nil && file.byteCount == 0)
  }

  @Test("records are read by many threads at a time")
  func threads() throws {
    let file = try RecordBytes().write()
    DispatchQueue.concurrentPerform(iterations: 200) { i in
      #expect((try? file.picture(at: i % 5)) == RecordBytes.picture(i % 5))
    }
  }

  @Test("a file that is removed while it is open can be read on; one that is cut cannot, which is said")
  func removedAndCut() throws {
    let bytes = try RecordBytes()
    let cut = try bytes.write()
    #expect(truncate(bytes.path, 20) == 0)
    #expect(throws: RecordError.shrunk(path: bytes.path)) { try cut.picture(at: 0) }
    let removed = try bytes.write()
    #expect(unlink(bytes.path) == 0)
    #expect(try removed.picture(at: 4) == RecordBytes.picture(4))
  }

  @Test("the record files here are read whole", .enabled(if: Golden.isAvailable, "shared is absent"))
  func realFiles() throws {
    let data = try #require(Golden.sharedFolder).path + "/data/"
    let file = try RecordFile(path: data + "gardens13-96-test.tfr")
    #expect(file.count == 399 && file.tail == nil)
    let keys = try RecordKeys(guessing: file)
    #expect(keys == RecordKeys(image: "image", label: "category"))
    #expect(try file.label(at: 0) == .number(8))
    #expect(try file.label(at: 1) == .number(10))
    #expect(try file.picture(at: 0).count == 2642)
    for index in 0..<file.count { #expect(try file.picture(at: index).starts(with: [0xff, 0xd8])) }

    let formats = data + "formats/tfrecord/"
    let nitish = try RecordFile(path: formats + "nitish_test.tfrecord")
    #expect(nitish.count == 10)
    #expect(try RecordKeys(guessing: nitish) == RecordKeys(image: "image/encoded", label: "image/class/label"))
    let unlabelled = try RecordFile(path: formats + "nitish_test_1.tfrecord")
    #expect(try RecordKeys(wantsLabel: false, guessing: unlabelled) == RecordKeys(image: "image/encoded", label: nil))
    #expect(throws: RecordError.self) { try RecordKeys(guessing: unlabelled) }
    let captcha = try RecordFile(path: formats + "captcha_train.tfrecord")
    #expect(captcha.count == 1854)
    let captchaKeys = try RecordKeys(guessing: captcha)
    #expect(captchaKeys == RecordKeys(image: "img_raw", label: "label"))
    #expect(
      message { _ = try captcha.label(at: 3, key: "label") }?
        .hasSuffix(": the feature 'label' must be one int64 or one name, not 4 int64") == true)
  }
}
