import COpenBLAS
import Kernels
import TestSupport
import Testing

@Suite("matrix products")
struct GEMMTests {
  static let sizes = [1, 7, 13, 127]

  @Test("a packed product equals OpenBLAS at awkward sizes", arguments: sizes, sizes)
  func packed(m: Int, n: Int) {
    for k in [1, 7, 13, 127, 500, 1001] {
      let a = randomValues(m * k, seed: 1)
      let b = randomValues(k * n, seed: 2)
      var expected = [Float](repeating: 0, count: m * n)
      blas_useOneThread()
      gemm_blas(m: m, n: n, k: k, a, lda: k, b, ldb: n, into: &expected, ldc: n)
      var packed = [Float](repeating: .nan, count: gemm_packedCount(depth: k, columns: n))
      gemm_pack(b, rowStride: n, depth: k, columns: n, into: &packed)
      var c = [Float](repeating: .nan, count: m * n)
      a.withUnsafeBufferPointer { a in
        gemm_segmented(
          SegmentedMatrix(rows: a.baseAddress!, rowCount: m, depth: k, stride: k), packed: packed, columns: n,
          bias: nil, into: &c, ldc: n, relu: false)
      }
      expectClose(c, expected, tolerance: 3e-5, "\(m)x\(n)x\(k)")
    }
  }

  @Test(
    "every width of panel gives the product, set or added, with and without ReLU", arguments: [8, 16, 20, 24, 25, 32],
    [0, 64, 128])
  func panels(rest: Int, whole: Int) {
    for n in [whole + rest, whole + 2 * rest] {
      let (m, k) = (31, 260)
      let a = randomValues(m * k, seed: 1)
      let b = randomValues(k * n, seed: 2)
      let bias = randomValues(n + 32, seed: 3)
      let old = randomValues(m * n, seed: 4)
      var product = [Float](repeating: 0, count: m * n)
      blas_useOneThread()
      gemm_blas(m: m, n: n, k: k, a, lda: k, b, ldb: n, into: &product, ldc: n)
      var packed = [Float](repeating: .nan, count: gemm_packedCount(depth: k, columns: n))
      gemm_pack(b, rowStride: n, depth: k, columns: n, into: &packed)
      for (accumulates, relu) in [(false, false), (false, true), (true, false), (true, true)] {
        var c = old
        a.withUnsafeBufferPointer { a in
          gemm_segmented(
            SegmentedMatrix(rows: a.baseAddress!, rowCount: m, depth: k, stride: k), packed: packed, columns: n,
            bias: bias, into: &c, ldc: n, relu: relu, accumulates: accumulates)
        }
        let expected = (0..<m * n).map { i in
          let sum = product[i] + (accumulates ? old[i] : bias[i % n])
          return relu ? max(0, sum) : sum
        }
        expectClose(c, expected, tolerance: 3e-5, "\(n) columns, accumulates \(accumulates), relu \(relu)")
      }
    }
  }

  @Test("rows are summed in columns", arguments: sizes, sizes)
  func rowSums(rows: Int, columns: Int) {
    let x = randomValues(rows * columns, seed: 3)
    var sums = [Float](repeating: 1, count: columns)
    sum_rows(x, rows: rows, columns: columns, addTo: &sums)
    var expected = [Float](repeating: 1, count: columns)
    for i in 0..<rows * columns { expected[i % columns] += x[i] }
    expectClose(sums, expected)
  }

  @Test("parts are added in order", arguments: sizes)
  func partials(count: Int) {
    let x = randomValues(3 * 130, seed: 3)
    var sum = [Float](repeating: .nan, count: count)
    sum_partials(x, parts: 3, stride: 130, count: count, into: &sum)
    let expected: [Float] = (0..<count).map { i in
      let first: Float = x[i] + x[130 + i]
      return first + x[260 + i]
    }
    #expect(sum == expected)
  }
}
