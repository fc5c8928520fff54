#if arch(x86_64)
  import KernelsAVX512
#endif

/// The functions that kernels can apply to each element. Raw values are stable.
public enum ActivationKernel: Int32, Sendable, CaseIterable {
  case identity, relu, elu, selu, gelu, geluTanh, swish, sigmoid, tanh
}

/// y[i] = f(x[i]). `y` may be `x`.
public func activation_forward(
  _ kind: ActivationKernel, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  switch kind {
  case .identity: forward(IdentityFunction.self, x, y, count)
  case .relu: forward(ReluFunction.self, x, y, count)
  case .elu: forward(EluFunction.self, x, y, count)
  case .selu: forward(SeluFunction.self, x, y, count)
  case .gelu: geluForward(x, y, count)
  case .geluTanh: forward(GeluTanhFunction.self, x, y, count)
  case .swish: forward(SwishFunction.self, x, y, count)
  case .sigmoid: forward(SigmoidFunction.self, x, y, count)
  case .tanh: forward(TanhFunction.self, x, y, count)
  }
}

/// dx[i] = dy[i] f'(x[i]), where `x` is what went into the function. `dx` may be `dy` or `x`.
public func activation_backward(
  _ kind: ActivationKernel, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  switch kind {
  case .identity: backward(IdentityFunction.self, x, dy, dx, count)
  case .relu: backward(ReluFunction.self, x, dy, dx, count)
  case .elu: backward(EluFunction.self, x, dy, dx, count)
  case .selu: backward(SeluFunction.self, x, dy, dx, count)
  case .gelu: geluBackward(x, dy, dx, count)
  case .geluTanh: backward(GeluTanhFunction.self, x, dy, dx, count)
  case .swish: backward(SwishFunction.self, x, dy, dx, count)
  case .sigmoid: backward(SigmoidFunction.self, x, dy, dx, count)
  case .tanh: backward(TanhFunction.self, x, dy, dx, count)
  }
}

private func geluForward(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
  var wide = 0
  #if arch(x86_64)
    if usesWideVectors {
      wide = count / 16 * 16
      gelu_avx512(x, y, wide)
    }
  #endif
  forward(GeluFunction.self, x + wide, y + wide, count - wide)
}

private func geluBackward(
  _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ count: Int
) {
  var wide = 0
  #if arch(x86_64)
    if usesWideVectors {
      wide = count / 16 * 16
      gelu_backward_avx512(x, dy, dx, wide)
    }
  #endif
  backward(GeluFunction.self, x + wide, dy + wide, dx + wide, count - wide)
}

@inline(__always)
private func forward<F: VectorFunction>(
  _ f: F.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i + 16 <= count {
    let a = F.value(load8(x + i))
    let b = F.value(load8(x + i + 8))
    store8(a, y + i)
    store8(b, y + i + 8)
    i += 16
  }
  while i < count {
    let n = min(8, count - i)
    storePartial8(F.value(loadPartial8(x + i, n)), y + i, n)
    i += n
  }
}

@inline(__always)
private func backward<F: VectorFunction>(
  _ f: F.Type, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i + 16 <= count {
    let a = F.gradient(load8(x + i), load8(dy + i))
    let b = F.gradient(load8(x + i + 8), load8(dy + i + 8))
    store8(a, dx + i)
    store8(b, dx + i + 8)
    i += 16
  }
  while i < count {
    let n = min(8, count - i)
    storePartial8(F.gradient(loadPartial8(x + i, n), loadPartial8(dy + i, n)), dx + i, n)
    i += n
  }
}
