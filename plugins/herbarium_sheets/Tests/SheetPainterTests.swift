import Testing

import HerbariumSheets

/// FNV-1a, to pin a picture in one number.
private func fingerprint(_ bytes: [UInt8]) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

private func mean(_ bytes: [UInt8]) -> Double { Double(bytes.reduce(0) { $0 + Int($1) }) / Double(bytes.count) }

@Suite("Sheet painter")
struct SheetPainterTests {
  @Test("pictures are the same on every machine and in every build")
  func picturesArePinned() {
    let painter = SheetPainter(SheetSettings(task: .stained, seed: 7))
    let families = SheetPainter(SheetSettings(task: .families, seed: 7))
    #expect(fingerprint(painter.draw(0, size: 64)) == 0x0C66_1F10_220E_A544)
    #expect(fingerprint(painter.draw(3, size: 97)) == 0xC45A_9010_1D1D_C788)
    #expect(fingerprint(families.draw(12, size: 64)) == 0xA043_07C4_2C36_4C93)
  }

  @Test("a picture does not depend on what was drawn before it, nor on the thread")
  func drawingHasNoMemory() async {
    let painter = SheetPainter(SheetSettings(seed: 11))
    let alone = (0..<6).map { painter.draw($0, size: 48) }
    let workspace = SheetWorkspace()
    for index in [5, 0, 3] {
      var bytes = [UInt8](repeating: 9, count: 48 * 48 * 3)
      bytes.withUnsafeMutableBufferPointer { painter.draw(index, size: 48, workspace, into: $0) }
      #expect(bytes == alone[index])
    }
    await withTaskGroup(of: (Int, [UInt8]).self) { group in
      for index in 0..<6 { group.addTask { (index, painter.draw(index, size: 48)) } }
      for await (index, bytes) in group { #expect(bytes == alone[index]) }
    }
  }

  @Test("all sizes can be drawn, and others are clamped", arguments: [1, 32, 33, 57, 127, 250])
  func awkwardSizes(size: Int) {
    let bytes = SheetPainter().draw(4, size: size)
    let side = max(size, 32)
    #expect(bytes.count == side * side * 3)
    #expect(Set(bytes).count > 40)
  }

  @Test("of each two sheets one is of either class", arguments: SheetTask.allCases)
  func classesAreBalanced(task: SheetTask) {
    let painter = SheetPainter(SheetSettings(task: task, seed: 5))
    for pair in 0..<200 { #expect(painter.label(2 * pair) + painter.label(2 * pair + 1) == 1) }
    let firsts = (0..<1000).count { painter.label(2 * $0) == 0 }
    #expect((420...580).contains(firsts))
  }

  @Test("the growth form says nothing about the stain")
  func formIsIndependentOfTheClass() {
    let painter = SheetPainter(SheetSettings(task: .stained, seed: 5))
    var counts = [0, 0, 0, 0]
    for index in 0..<4000 { counts[painter.label(index) * 2 + (painter.isSpikemoss(index) ? 1 : 0)] += 1 }
    #expect(counts.allSatisfy { (900...1100).contains($0) })
  }

  @Test("in families the class is the family, and no sheet is stained")
  func familiesAreTheClasses() {
    let painter = SheetPainter(SheetSettings(task: .families))
    for index in 0..<100 {
      #expect(painter.isSpikemoss(index) == (painter.label(index) == 1))
      #expect(!painter.isStained(index))
    }
  }

  @Test("sheets of a collection are consecutive")
  func groups() {
    let painter = SheetPainter(SheetSettings(sheetsPerCollection: 5))
    #expect((0..<11).map(painter.group) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2])
  }

  @Test("a stain darkens the sheet, the more the severer it is")
  func severity() throws {
    let drawn = [0...0, 0.5...0.5, 1...1].map { (severity: ClosedRange<Float>) in
      SheetPainter(SheetSettings(seed: 3, severity: severity))
    }
    var fell = 0
    let indices = (0..<40).filter { drawn[0].isStained($0) }
    for index in indices {
      let values = drawn.map { mean($0.draw(index, size: 64)) }
      #expect(values[2] < values[0])
      if values[1] < values[0], values[2] < values[1] { fell += 1 }
    }
    #expect(fell >= indices.count - 1)
  }

  @Test("a sheet looks the same at any size")
  func sizesAgree() {
    let painter = SheetPainter(SheetSettings(seed: 21))
    for index in 0..<4 {
      let small = painter.draw(index, size: 64)
      let large = painter.draw(index, size: 256)
      var difference = 0.0
      for y in 0..<64 {
        for x in 0..<64 {
          for channel in 0..<3 {
            var sum = 0
            for dy in 0..<4 { for dx in 0..<4 { sum += Int(large[((y * 4 + dy) * 256 + x * 4 + dx) * 3 + channel]) } }
            difference += abs(Double(sum) / 16 - Double(small[(y * 64 + x) * 3 + channel]))
          }
        }
      }
      #expect(difference / (64 * 64 * 3) < 9, "sheet \(index)")
    }
  }
}
