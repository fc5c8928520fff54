import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Elementwise kernels")
struct ElementwiseTests {
  @Test("agree with plain loops and stay in their range", arguments: [0, 1, 7, 8, 13, 16, 17, 127, 3001])
  func loops(count: Int) {
    let a = randomValues(count + 8, seed: 1)
    let b = randomValues(count + 8, seed: 2)
    func check(_ expected: (Int) -> Float, _ body: (UnsafeMutablePointer<Float>) -> Void) {
      var y = a
      body(&y)
      expectClose(Array(y[..<count]), (0..<count).map(expected), tolerance: 1e-6)
      expectSameBits(Array(y[count...]), Array(a[count...]), "behind the end")
    }
    check({ a[$0] + b[$0] }) { add_vectors(a, b, $0, count) }
    check({ a[$0] * b[$0] }) { multiply_vectors(a, b, $0, count) }
    check({ a[$0] * 3 }) { scale_vector(3, $0, count) }
    let sum = a[..<count].reduce(0.0) { $0 + Double($1) }
    let squares = a[..<count].reduce(0.0) { $0 + Double($1) * Double($1) }
    let dot = (0..<count).reduce(0.0) { $0 + Double(a[$1]) * Double(b[$1]) }
    #expect(abs(sum_vector(a, count) - sum) < 1e-4)
    #expect(abs(sum_of_squares(a, count) - squares) < 1e-4)
    #expect(abs(dot_vectors(a, b, count) - dot) < 1e-4)
  }

  @Test("a sum of ten million ones is exact")
  func longSums() {
    let ones = [Float](repeating: 1, count: 10_000_000)
    #expect(sum_vector(ones, ones.count) == 1e7)
    #expect(sum_of_squares(ones, ones.count) == 1e7)
  }

  @Test("dropout follows its bits", arguments: [1, 8, 31, 32, 33, 100])
  func dropout(count: Int) {
    let words = (0..<4).map { UInt32(truncatingIfNeeded: 0x9e37_79b9 &* UInt64($0 + 1)) }
    let x = randomValues(count + 8, seed: 3)
    var y = [Float](repeating: 77, count: count + 8)
    dropout_apply(x, mask: words, scale: 2, &y, count)
    for i in 0..<count {
      #expect(y[i] == (words[i / 32] >> UInt32(i % 32) & 1 == 1 ? 2 * x[i] : 0))
    }
    #expect(y[count...].allSatisfy { $0 == 77 })
  }
}
