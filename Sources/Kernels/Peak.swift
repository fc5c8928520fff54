/// Runs `count` times 12 independent fused multiply-adds on 8 lanes: what benchmarks compare with.
///
/// - Returns: a number that depends on all of them, so that none is left out.
@inline(never)
@discardableResult
public func fma_peak(_ count: Int) -> Float {
  let x = V(repeating: 0.999)
  let y = V(repeating: 1e-7)
  var (c0, c1, c2, c3, c4, c5) = (x, x, x, x, x, x)
  var (d0, d1, d2, d3, d4, d5) = (y, y, y, y, y, y)
  for _ in 0..<count {
    c0 = y.addingProduct(c0, x)
    c1 = y.addingProduct(c1, x)
    c2 = y.addingProduct(c2, x)
    c3 = y.addingProduct(c3, x)
    c4 = y.addingProduct(c4, x)
    c5 = y.addingProduct(c5, x)
    d0 = y.addingProduct(d0, x)
    d1 = y.addingProduct(d1, x)
    d2 = y.addingProduct(d2, x)
    d3 = y.addingProduct(d3, x)
    d4 = y.addingProduct(d4, x)
    d5 = y.addingProduct(d5, x)
  }
  return (c0 + c1 + c2 + c3 + c4 + c5 + d0 + d1 + d2 + d3 + d4 + d5).sum()
}
