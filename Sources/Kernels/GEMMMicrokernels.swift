// The innermost loops of matrix products over segmented rows: 6 rows times one packed panel of columns. They validate
// nothing. What to hold them to: no call, no spill and no scalar `xmm` arithmetic in the loop (`objdump -d`).

#if arch(x86_64)
  import KernelsAVX512
#endif

typealias V = SIMD8<Float>

/// The part of a segmented matrix's columns that one call multiplies, with the row pointers moved to its start.
struct SegmentBlock {
  var outerCount: Int
  var outerStride: Int
  var innerCount: Int
  var innerStride: Int
  var length: Int
}

/// 6 rows times a panel of any width.
@inline(__always)
func gemm_6(
  _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
  _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ block: SegmentBlock, _ panel: GEMMPanel,
  _ c: UnsafeMutablePointer<Float>, _ ldc: Int
) {
  switch panel.width {
  case 16:
    gemm_6x16(a0, a1, a2, a3, a4, a5, block, panel.rows, start: panel.start, c, ldc, relu: panel.relu)
  case 8:
    gemm_6x8(a0, a1, a2, a3, a4, a5, block, panel.rows, start: panel.start, c, ldc, relu: panel.relu)
  default:
    #if arch(x86_64)
      withWords(block) {
        switch panel.width {
        case 24: gemm_6x24_avx512(a0, a1, a2, a3, a4, a5, $0, panel.rows, start: panel.start, c, ldc, relu: panel.relu)
        case 32: gemm_6x32_avx512(a0, a1, a2, a3, a4, a5, $0, panel.rows, start: panel.start, c, ldc, relu: panel.relu)
        case 48: gemm_6x48_avx512(a0, a1, a2, a3, a4, a5, $0, panel.rows, start: panel.start, c, ldc, relu: panel.relu)
        default: gemm_6x64_avx512(a0, a1, a2, a3, a4, a5, $0, panel.rows, start: panel.start, c, ldc, relu: panel.relu)
        }
      }
    #endif
  }
}

/// 12 rows times a panel of 16 columns, the second six `next` floats behind the first. Only on 512-bit vectors.
@inline(__always)
func gemm_12x16(
  _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
  _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, next: Int, _ block: SegmentBlock, _ panel: GEMMPanel,
  _ c: UnsafeMutablePointer<Float>, _ ldc: Int
) {
  #if arch(x86_64)
    withWords(block) {
      gemm_12x16_avx512(
        a0, a1, a2, a3, a4, a5, next: next, $0, panel.rows, start: panel.start, c, ldc, relu: panel.relu)
    }
  #endif
}

/// A block, or a walk, as the plain numbers that `KernelsAVX512` takes.
@inline(__always)
func withWords<T>(_ value: T, _ body: (UnsafePointer<Int>) -> Void) {
  withUnsafePointer(to: value) { pointer in
    pointer.withMemoryRebound(to: Int.self, capacity: MemoryLayout<T>.size / MemoryLayout<Int>.size, body)
  }
}

/// `c[6, 16] = start + a[6, depth] b[depth, 16]`, then max(0, .) if `relu`.
///
/// - Parameters:
///   - start: 16 floats, the same for each row; nil: what `c` holds.
///   - b: a packed panel, `[depth, 16]`.
///   - c: 6 rows of 16 floats, `ldc` floats apart.
@inline(never)
func gemm_6x16(
  _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
  _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ block: SegmentBlock, _ b: UnsafePointer<Float>,
  start: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, relu: Bool
) {
  var c00: V, c01: V, c10: V, c11: V, c20: V, c21: V, c30: V, c31: V, c40: V, c41: V, c50: V, c51: V
  if let start {
    c00 = load8(start)
    c01 = load8(start + 8)
    (c10, c11, c20, c21, c30, c31) = (c00, c01, c00, c01, c00, c01)
    (c40, c41, c50, c51) = (c00, c01, c00, c01)
  } else {
    (c00, c01) = (load8(c), load8(c + 8))
    (c10, c11) = (load8(c + ldc), load8(c + ldc + 8))
    (c20, c21) = (load8(c + 2 * ldc), load8(c + 2 * ldc + 8))
    (c30, c31) = (load8(c + 3 * ldc), load8(c + 3 * ldc + 8))
    (c40, c41) = (load8(c + 4 * ldc), load8(c + 4 * ldc + 8))
    (c50, c51) = (load8(c + 5 * ldc), load8(c + 5 * ldc + 8))
  }
  var b = b
  var outerOffset = 0
  for _ in 0..<block.outerCount {
    var offset = outerOffset
    for _ in 0..<block.innerCount {
      for k in offset..<(offset + block.length) {
        let b0 = load8(b)
        let b1 = load8(b + 8)
        b += 16
        var x = V(repeating: a0[k])
        c00.addProduct(x, b0)
        c01.addProduct(x, b1)
        x = V(repeating: a1[k])
        c10.addProduct(x, b0)
        c11.addProduct(x, b1)
        x = V(repeating: a2[k])
        c20.addProduct(x, b0)
        c21.addProduct(x, b1)
        x = V(repeating: a3[k])
        c30.addProduct(x, b0)
        c31.addProduct(x, b1)
        x = V(repeating: a4[k])
        c40.addProduct(x, b0)
        c41.addProduct(x, b1)
        x = V(repeating: a5[k])
        c50.addProduct(x, b0)
        c51.addProduct(x, b1)
      }
      offset += block.innerStride
    }
    outerOffset += block.outerStride
  }
  if relu {
    (c00, c01, c10, c11) = (positive(c00), positive(c01), positive(c10), positive(c11))
    (c20, c21, c30, c31) = (positive(c20), positive(c21), positive(c30), positive(c31))
    (c40, c41, c50, c51) = (positive(c40), positive(c41), positive(c50), positive(c51))
  }
  var c = c
  store8(c00, c)
  store8(c01, c + 8)
  c += ldc
  store8(c10, c)
  store8(c11, c + 8)
  c += ldc
  store8(c20, c)
  store8(c21, c + 8)
  c += ldc
  store8(c30, c)
  store8(c31, c + 8)
  c += ldc
  store8(c40, c)
  store8(c41, c + 8)
  c += ldc
  store8(c50, c)
  store8(c51, c + 8)
}

/// `gemm_6x16` for a panel of 8 columns.
@inline(never)
func gemm_6x8(
  _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ a2: UnsafePointer<Float>, _ a3: UnsafePointer<Float>,
  _ a4: UnsafePointer<Float>, _ a5: UnsafePointer<Float>, _ block: SegmentBlock, _ b: UnsafePointer<Float>,
  start: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, relu: Bool
) {
  var c0: V, c1: V, c2: V, c3: V, c4: V, c5: V
  if let start {
    c0 = load8(start)
    (c1, c2, c3, c4, c5) = (c0, c0, c0, c0, c0)
  } else {
    (c0, c1, c2) = (load8(c), load8(c + ldc), load8(c + 2 * ldc))
    (c3, c4, c5) = (load8(c + 3 * ldc), load8(c + 4 * ldc), load8(c + 5 * ldc))
  }
  var b = b
  var outerOffset = 0
  for _ in 0..<block.outerCount {
    var offset = outerOffset
    for _ in 0..<block.innerCount {
      for k in offset..<(offset + block.length) {
        let b0 = load8(b)
        b += 8
        c0.addProduct(V(repeating: a0[k]), b0)
        c1.addProduct(V(repeating: a1[k]), b0)
        c2.addProduct(V(repeating: a2[k]), b0)
        c3.addProduct(V(repeating: a3[k]), b0)
        c4.addProduct(V(repeating: a4[k]), b0)
        c5.addProduct(V(repeating: a5[k]), b0)
      }
      offset += block.innerStride
    }
    outerOffset += block.outerStride
  }
  if relu {
    (c0, c1, c2) = (positive(c0), positive(c1), positive(c2))
    (c3, c4, c5) = (positive(c3), positive(c4), positive(c5))
  }
  store8(c0, c)
  store8(c1, c + ldc)
  store8(c2, c + 2 * ldc)
  store8(c3, c + 3 * ldc)
  store8(c4, c + 4 * ldc)
  store8(c5, c + 5 * ldc)
}

@inline(__always)
private func positive(_ x: V) -> V { x.replacing(with: 0, where: x .< 0) }
