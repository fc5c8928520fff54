/// One activation function on eight floats at once. Kernels are generic over it and specialised for each.
package protocol VectorFunction {
  /// f(x)
  static func value(_ x: Float8) -> Float8
  /// dy f'(x)
  static func gradient(_ x: Float8, _ dy: Float8) -> Float8
}

package enum IdentityFunction: VectorFunction {
  @inline(__always) package static func value(_ x: Float8) -> Float8 { x }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 { dy }
}

package enum ReluFunction: VectorFunction {
  // Written as "zero where not positive is certain" so that not-a-number passes through.
  @inline(__always) package static func value(_ x: Float8) -> Float8 {
    x.replacing(with: Float8(), where: x .< Float8())
  }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 {
    dy.replacing(with: Float8(), where: x .<= Float8())
  }
}

package enum EluFunction: VectorFunction {
  @inline(__always) package static func value(_ x: Float8) -> Float8 {
    x.replacing(with: exp8(x) - Float8(repeating: 1), where: x .< Float8())
  }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 {
    dy.replacing(with: dy * exp8(x), where: x .< Float8())
  }
}

package enum SeluFunction: VectorFunction {
  @inline(__always) private static var scale: Float { 1.050_700_98 }
  @inline(__always) private static var scaleAlpha: Float { 1.758_099_3 }

  @inline(__always) package static func value(_ x: Float8) -> Float8 {
    (x * scale).replacing(with: (exp8(x) - Float8(repeating: 1)) * scaleAlpha, where: x .< Float8())
  }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 {
    // At 0 the slope from below, as PyTorch has it.
    dy * Float8(repeating: scale).replacing(with: exp8(x) * scaleAlpha, where: x .<= Float8())
  }
}

package enum GeluFunction: VectorFunction {
  @inline(__always) package static func value(_ x: Float8) -> Float8 { x * normalDistribution8(x) }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 { dy * geluSlope8(x) }
}

// x/2 (1 + tanh u) = x sigmoid(2u): the sigmoid keeps its precision where tanh is nearly 1.
package enum GeluTanhFunction: VectorFunction {
  /// exp(-2u) and 2 du/dx. Beyond 12 both forms are saturated, and the cube would overflow.
  @inline(__always) private static func inner(_ x: Float8) -> (power: Float8, slope: Float8) {
    let x = maximum8(Float8(repeating: -12), minimum8(Float8(repeating: 12), x))
    let square = x * x
    let one = Float8(repeating: 1)
    let c = Float8(repeating: 1.595_769_1)
    let u = c * x * one.addingProduct(square, Float8(repeating: 0.044_715))
    return (exp8(-u), c * one.addingProduct(square, Float8(repeating: 0.134_145)))
  }
  @inline(__always) package static func value(_ x: Float8) -> Float8 {
    x / (Float8(repeating: 1) + inner(x).power)
  }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 {
    let one = Float8(repeating: 1)
    let (power, slope) = inner(x)
    let s = one / (one + power)
    return dy * s * one.addingProduct(x * slope, power * s)
  }
}

package enum SwishFunction: VectorFunction {
  @inline(__always) package static func value(_ x: Float8) -> Float8 { x * sigmoid8(x) }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 {
    let s = sigmoid8(x)
    return dy * s * Float8(repeating: 1).addingProduct(x, Float8(repeating: 1) - s)
  }
}

package enum SigmoidFunction: VectorFunction {
  @inline(__always) package static func value(_ x: Float8) -> Float8 { sigmoid8(x) }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 {
    let s = sigmoid8(x)
    return dy * s * (Float8(repeating: 1) - s)
  }
}

package enum TanhFunction: VectorFunction {
  @inline(__always) package static func value(_ x: Float8) -> Float8 { tanh8(x) }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 {
    let t = tanh8(x)
    return dy * (Float8(repeating: 1) - t * t)
  }
}
