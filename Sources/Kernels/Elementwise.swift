/// y = a + b. `y` may be either.
public func add_vectors(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i + 16 <= count {
    let s0 = load8(a + i) + load8(b + i)
    let s1 = load8(a + i + 8) + load8(b + i + 8)
    store8(s0, y + i)
    store8(s1, y + i + 8)
    i += 16
  }
  while i < count {
    y[i] = a[i] + b[i]
    i += 1
  }
}

/// y = a b. `y` may be either.
public func multiply_vectors(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i + 16 <= count {
    let s0 = load8(a + i) * load8(b + i)
    let s1 = load8(a + i + 8) * load8(b + i + 8)
    store8(s0, y + i)
    store8(s1, y + i + 8)
    i += 16
  }
  while i < count {
    y[i] = a[i] * b[i]
    i += 1
  }
}

/// x = alpha x
public func scale_vector(_ alpha: Float, _ x: UnsafeMutablePointer<Float>, _ count: Int) {
  let factor = Float8(repeating: alpha)
  var i = 0
  while i + 8 <= count {
    store8(factor * load8(x + i), x + i)
    i += 8
  }
  while i < count {
    x[i] *= alpha
    i += 1
  }
}

/// The sum of the values, in float64 beyond blocks of 1024.
public func sum_vector(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
  var total = 0.0
  var start = 0
  while start < count {
    let end = min(count, start + 1024)
    var sums = Float8()
    var i = start
    while i < end {
      let lanes = min(8, end - i)
      sums += loadLanes(x + i, lanes)
      i += lanes
    }
    total += Double(sum8(sums))
    start = end
  }
  return total
}

/// The sum of a b, in float64 beyond blocks of 1024.
public func dot_vectors(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double {
  var total = 0.0
  var start = 0
  while start < count {
    let end = min(count, start + 1024)
    var even = Float8()
    var odd = Float8()
    var i = start
    while i + 16 <= end {
      even = even.addingProduct(load8(a + i), load8(b + i))
      odd = odd.addingProduct(load8(a + i + 8), load8(b + i + 8))
      i += 16
    }
    while i < end {
      let lanes = min(8, end - i)
      even = even.addingProduct(loadLanes(a + i, lanes), loadLanes(b + i, lanes))
      i += lanes
    }
    total += Double(sum8(even + odd))
    start = end
  }
  return total
}

/// The sum of the squares, in float64 beyond blocks of 1024.
public func sum_of_squares(_ x: UnsafePointer<Float>, _ count: Int) -> Double { dot_vectors(x, x, count) }
