import Foundation
import Records
import Testing

@Suite("record files")
struct RecordFileTests {
  @Test("what is written is read back")
  func roundTrip() throws {
    let path = NSTemporaryDirectory() + "round-trip-\(getpid()).tfr"
    defer { unlink(path) }
    let writer = try RecordWriter(path: path)
    for index in 0..<3 {
      try writer.append(["image": .data(Data([0xff, 0xd8, 0xff, UInt8(index)])), "category": .integer(index)])
    }
    try writer.finish()
    let file = try RecordFile(path: path)
    #expect(file.count == 3)
    #expect(file.tail == nil)
    #expect(try RecordKeys(guessing: file) == RecordKeys())
    for index in 0..<3 {
      #expect(try file.picture(at: index) == Data([0xff, 0xd8, 0xff, UInt8(index)]))
      #expect(try file.label(at: index) == .number(index))
    }
  }
}
