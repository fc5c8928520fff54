// Optimizer updates: one pass over parameter, gradient and slots. Every function works on `count` numbers from the
// given pointers, aligned or not.

/// Adam as Keras writes it (Kingma and Ba 2015, epsilon outside the bias correction), with decoupled decay before it.
///
///     p -= p * decay
///     m += (g - m) * oneMinusBeta1
///     v += (g * g - v) * oneMinusBeta2
///     p -= m * alpha / (sqrt(v) + epsilon)
///
/// - Parameters:
///   - gradientScale: multiplies each gradient before anything else.
///   - alpha: `rate * sqrt(1 - beta2^t) / (1 - beta1^t)`.
public func adam_update(
  _ parameter: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
  _ v: UnsafeMutablePointer<Float>, count: Int, gradientScale: Float, oneMinusBeta1: Float, oneMinusBeta2: Float,
  alpha: Float, epsilon: Float, decay: Float
) {
  @inline(__always)
  func update(_ p: inout Float8, _ gradient: Float8, _ m: inout Float8, _ v: inout Float8) {
    let g = gradient * gradientScale
    m = m.addingProduct(g - m, Float8(repeating: oneMinusBeta1))
    v = v.addingProduct(g * g - v, Float8(repeating: oneMinusBeta2))
    p -= p * decay
    p -= m * alpha / (squareRoot8(v) + epsilon)
  }
  let vectorEnd = count & ~7
  var i = 0
  while i < vectorEnd {
    var p = load8(parameter + i)
    var mi = load8(m + i)
    var vi = load8(v + i)
    update(&p, load8(gradient + i), &mi, &vi)
    store8(mi, m + i)
    store8(vi, v + i)
    store8(p, parameter + i)
    i += 8
  }
  let rest = count - vectorEnd
  if rest == 0 { return }
  var p = loadPartial8(parameter + i, rest)
  var mi = loadPartial8(m + i, rest)
  var vi = loadPartial8(v + i, rest)
  update(&p, loadPartial8(gradient + i, rest), &mi, &vi)
  storePartial8(mi, m + i, rest)
  storePartial8(vi, v + i, rest)
  storePartial8(p, parameter + i, rest)
}

/// Plain gradient descent with decoupled decay before it.
///
///     p -= p * decay
///     p -= g * rate
public func sgd_update(
  _ parameter: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, count: Int, gradientScale: Float,
  rate: Float, decay: Float
) {
  let vectorEnd = count & ~7
  let scaledRate = rate * gradientScale
  var i = 0
  while i < vectorEnd {
    var p = load8(parameter + i)
    p -= p * decay
    p -= load8(gradient + i) * scaledRate
    store8(p, parameter + i)
    i += 8
  }
  while i < count {
    var p = parameter[i]
    p -= p * decay
    p -= gradient[i] * scaledRate
    parameter[i] = p
    i += 1
  }
}

/// Gradient descent with momentum as Keras writes it (Sutskever et al. 2013), with decoupled decay before it.
///
///     p -= p * decay
///     m = m * momentum - g * rate
///     p += nesterov ? m * momentum - g * rate : m
public func sgd_momentum_update(
  _ parameter: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
  count: Int, gradientScale: Float, rate: Float, momentum: Float, nesterov: Bool, decay: Float
) {
  let vectorEnd = count & ~7
  let scaledRate = rate * gradientScale
  // p += m * own + step * nesterovShare covers both forms without a branch in the loop.
  let own: Float = nesterov ? momentum : 1
  let share: Float = nesterov ? 1 : 0
  var i = 0
  while i < vectorEnd {
    let step = load8(gradient + i) * scaledRate
    var p = load8(parameter + i)
    let mi = load8(m + i) * momentum - step
    p -= p * decay
    p += mi * own - step * share
    store8(mi, m + i)
    store8(p, parameter + i)
    i += 8
  }
  while i < count {
    let step = gradient[i] * scaledRate
    let mi = m[i] * momentum - step
    var p = parameter[i]
    p -= p * decay
    p += mi * own - step * share
    m[i] = mi
    parameter[i] = p
    i += 1
  }
}

/// `average += (value - average) * share`: one step of an exponential moving average.
public func moving_average(
  _ average: UnsafeMutablePointer<Float>, _ value: UnsafePointer<Float>, count: Int, share: Float
) {
  let vectorEnd = count & ~7
  var i = 0
  while i < vectorEnd {
    let a = load8(average + i)
    store8(a.addingProduct(load8(value + i) - a, share), average + i)
    i += 8
  }
  while i < count {
    average[i] = average[i].addingProduct(value[i] - average[i], share)
    i += 1
  }
}

/// The sum of squares: float32 within runs of 256 numbers, double precision over the runs, in order.
public func sum_of_squares(_ x: UnsafePointer<Float>, count: Int) -> Double {
  let vectorEnd = count & ~7
  var sum = 0.0
  var i = 0
  while i < vectorEnd {
    let runEnd = min(vectorEnd, i + 256)
    var run = Float8()
    while i < runEnd {
      let value = load8(x + i)
      run.addProduct(value, value)
      i += 8
    }
    sum += Double(sum8(run))
  }
  while i < count {
    sum += Double(x[i]) * Double(x[i])
    i += 1
  }
  return sum
}

/// Cuts every number to -limit ... limit. NaN stays NaN.
public func clip_values(_ x: UnsafeMutablePointer<Float>, count: Int, limit: Float) {
  let vectorEnd = count & ~7
  let high = SIMD8<Float>(repeating: limit)
  var i = 0
  while i < vectorEnd {
    var value = load8(x + i)
    value.replace(with: high, where: value .> high)
    value.replace(with: -high, where: value .< -high)
    store8(value, x + i)
    i += 8
  }
  while i < count {
    if x[i] > limit { x[i] = limit } else if x[i] < -limit { x[i] = -limit }
    i += 1
  }
}
