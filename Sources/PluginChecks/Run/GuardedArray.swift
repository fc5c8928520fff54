import CGuardedMemory

/// Memory that a plugin gets: 64-byte aligned, with guard bytes on both sides and forbidden memory beyond.
final class GuardedArray {
  let name: String
  let byteCount: Int
  let pointer: UnsafeMutableRawPointer

  var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
  var count: Int { byteCount / 4 }

  /// - Parameter isTight: forbidden memory begins right behind the array; else there is a page of guard bytes between.
  /// - Throws: `Unavailable`.
  init(_ name: String, bytes: Int, isTight: Bool = false) throws {
    guard let pointer = guarded_allocate(bytes, isTight ? 1 : 0, name) else {
      throw Unavailable(name: name, bytes: bytes)
    }
    self.name = name
    self.byteCount = bytes
    self.pointer = pointer
  }

  deinit { guarded_free(pointer) }

  /// There is not so much memory.
  struct Unavailable: Error, CustomStringConvertible {
    let name: String
    let bytes: Int
    var description: String { "no memory for \(name): \(bytes) bytes" }
  }

  /// Fills it with a byte: 0xff makes every number a NaN.
  func fill(_ byte: UInt8) { pointer.initializeMemory(as: UInt8.self, repeating: byte, count: byteCount) }

  func fill(bits: UInt32) {
    pointer.initializeMemory(as: UInt32.self, repeating: bits, count: count)
  }

  /// As many as there are, from the start.
  func store(_ values: [Float]) {
    values.withUnsafeBytes { pointer.copyMemory(from: $0.baseAddress!, byteCount: min($0.count, byteCount)) }
  }

  func values(_ count: Int? = nil) -> [Float] {
    Array(UnsafeBufferPointer(start: floats, count: min(count ?? self.count, self.count)))
  }

  var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: pointer, count: byteCount)) }

  /// Who wrote beside the array, in words; nil when nobody did.
  var damage: String? {
    let place = guarded_damage(pointer)
    if place == 0 { return nil }
    let where_ = place < 0 ? "byte \(-place) before its start" : "byte \(place) behind its end"
    return "\(name) (\(byteCount) bytes): \(where_) was written"
  }
}

/// A NaN that no computation makes: where it is found after a call, nobody wrote.
let unwrittenBits: UInt32 = 0x7fc5_a5a5

/// Whether both have the same bits; NaNs count as numbers.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool { firstDifference(a, b) == nil }

/// The first place where bits differ.
func firstDifference(_ a: [Float], _ b: [Float]) -> Int? {
  if a.count != b.count { return min(a.count, b.count) }
  return a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      for i in 0..<a.count where a[i].bitPattern != b[i].bitPattern { return i }
      return nil
    }
  }
}
