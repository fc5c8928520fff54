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
    dy * Float8(repeating: scale).replacing(with: exp8(x) * scaleAlpha, where: x .< Float8())
  }
}

package enum GeluFunction: VectorFunction {
  @inline(__always) package static func value(_ x: Float8) -> Float8 {
    let (tail, _) = normalTail8(x)
    return x * (Float8(repeating: 1) - tail).replacing(with: tail, where: x .< Float8())
  }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 {
    let (tail, bell) = normalTail8(x)
    let cumulative = (Float8(repeating: 1) - tail).replacing(with: tail, where: x .< Float8())
    return dy * cumulative.addingProduct(x * Float8(repeating: 0.398_942_28), bell)
  }
}

package enum GeluTanhFunction: VectorFunction {
  @inline(__always) private static func inner(_ x: Float8) -> (Float8, Float8) {
    let square = x * x
    let c = Float8(repeating: 0.797_884_56)
    let u = c * x * Float8(repeating: 1).addingProduct(square, Float8(repeating: 0.044_715))
    let slope = c * Float8(repeating: 1).addingProduct(square, Float8(repeating: 0.134_145))
    return (u, slope)
  }
  @inline(__always) package static func value(_ x: Float8) -> Float8 {
    let half = Float8(repeating: 0.5) * x
    return half.addingProduct(half, tanh8(inner(x).0))
  }
  @inline(__always) package static func gradient(_ x: Float8, _ dy: Float8) -> Float8 {
    let half = Float8(repeating: 0.5)
    let one = Float8(repeating: 1)
    let (u, slope) = inner(x)
    let t = tanh8(u)
    return dy * half.addingProduct(half, t).addingProduct(half * x * (one - t * t), slope)
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
