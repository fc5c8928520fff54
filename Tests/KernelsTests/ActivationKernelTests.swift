import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Activation kernels")
struct ActivationKernelTests {
  @Test("values and slopes are within 2e-6 of float64 from -30 to 30", arguments: ActivationKernel.allCases)
  func accuracy(kind: ActivationKernel) {
    let x = (-30_000...30_000).map { Float($0) / 1000 }
    var y = [Float](repeating: .nan, count: x.count)
    var slope = y
    activation_forward(kind, x, &y, x.count)
    activation_backward(kind, x, [Float](repeating: 1, count: x.count), &slope, x.count)
    expectClose(y, x.map { Float(reference(kind, Double($0)).value) }, tolerance: 2e-6, "values")
    expectClose(slope, x.map { Float(reference(kind, Double($0)).slope) }, tolerance: 2e-6, "slopes")
  }

  @Test("huge arguments saturate", arguments: ActivationKernel.allCases)
  func saturation(kind: ActivationKernel) {
    let x: [Float] = [-1e30, -1000, 1000, 1e30]
    var y = [Float](repeating: .nan, count: 4)
    activation_forward(kind, x, &y, 4)
    let expected: [Float] =
      switch kind {
      case .identity: x
      case .relu, .gelu, .geluTanh, .swish: [0, 0, 1000, 1e30]
      case .elu: [-1, -1, 1000, 1e30]
      case .selu: [-1.7580993, -1.7580993, 1050.7010, 1.0507010e30]
      case .sigmoid: [0, 0, 1, 1]
      case .tanh: [-1, -1, 1, 1]
      }
    expectClose(y, expected, tolerance: 1e-6)
  }

  @Test("nothing outside the range is written, whatever the count", arguments: Array(0...40) + [127])
  func bounds(count: Int) {
    let x = randomValues(count + 8, seed: 1)
    for kind in ActivationKernel.allCases {
      var y = [Float](repeating: 77, count: count + 8)
      activation_forward(kind, x, &y, count)
      #expect(y[count...].allSatisfy { $0 == 77 })
      expectClose(
        Array(y[..<count]), x[..<count].map { Float(reference(kind, Double($0)).value) }, tolerance: 2e-6)
    }
  }
}

/// In float64, from the definitions.
private func reference(_ kind: ActivationKernel, _ x: Double) -> (value: Double, slope: Double) {
  let sigmoid = 1 / (1 + exp(-x))
  switch kind {
  case .identity: return (x, 1)
  case .relu: return (max(0, x), x > 0 ? 1 : 0)
  case .elu: return x < 0 ? (expm1(x), exp(x)) : (x, 1)
  case .selu:
    let (scale, alpha) = (1.0507009873554805, 1.6732632423543772)
    return x <= 0 ? (scale * alpha * expm1(x), scale * alpha * exp(x)) : (scale * x, scale)
  case .gelu:
    let normal = 0.5 * erfc(-x / 2.0.squareRoot())
    return (x * normal, normal + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot())
  case .geluTanh:
    let c = (2 / Double.pi).squareRoot()
    let t = Foundation.tanh(c * (x + 0.044715 * x * x * x))
    return (0.5 * x * (1 + t), 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x))
  case .swish: return (x * sigmoid, sigmoid * (1 + x * (1 - sigmoid)))
  case .sigmoid: return (sigmoid, sigmoid * (1 - sigmoid))
  case .tanh:
    let t = Foundation.tanh(x)
    return (t, 1 - t * t)
  }
}
