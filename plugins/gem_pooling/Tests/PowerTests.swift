import CGemPower
import Foundation
import Testing

@Suite("Logarithm and exponential of gem_pooling") struct PowerTests {
  /// Every 257th float from one bit pattern to another.
  private func worst(_ first: UInt32, _ last: UInt32, _ error: (Float) -> Double) -> Double {
    stride(from: first, through: last, by: 257).reduce(0) { max($0, error(Float(bitPattern: $1))) }
  }

  @Test("log2 is within 2.5e-7 of the value, and within 1e-9 beside 1")
  func logarithm() {
    let error = worst(0x0080_0000, 0x7F7F_FFFF) { x in
      let exact = log2(Double(x))
      return max(0, abs(Double(power_log2(x)) - exact) - 1e-9) / max(abs(exact), 1e-30)
    }
    #expect(error < 2.5e-7)
    #expect(power_log2(1) == 0)
    #expect(power_log2(8) == 3)
    #expect(power_log2(0) < -126)
    #expect(power_log2(.nan).isNaN && power_log2(.infinity).isNaN)
  }

  @Test("exp2 is within 1.5e-7 of the value, 0 below -126, and keeps NaN")
  func exponential() {
    let positive = worst(0x3000_0000, 0x42FD_FFFF) { abs(Double(power_exp2($0)) / exp2(Double($0)) - 1) }
    let negative = worst(0xB000_0000, 0xC2FC_0000) { abs(Double(power_exp2($0)) / exp2(Double($0)) - 1) }
    #expect(positive < 1.5e-7)
    #expect(negative < 1.5e-7)
    #expect(power_exp2(0) == 1)
    #expect(power_exp2(-126) == 0x1p-126)
    #expect(power_exp2(-126.1) == 0)
    #expect(power_exp2(-.infinity) == 0)
    #expect(power_exp2(1000) == 0x1p127)
    #expect(power_exp2(.nan).isNaN)
  }
}
