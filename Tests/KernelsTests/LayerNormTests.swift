import Kernels
import TestSupport
import Testing

@Suite("layer normalisation kernels")
struct LayerNormKernelTests {
  /// The definition, in float64: output, input gradient, gradients of gamma and beta.
  static func twin(
    _ x: [Float], _ dy: [Float], _ channels: Int, gamma: [Float], beta: [Float], epsilon: Double
  ) -> (y: [Float], dx: [Float], gamma: [Float], beta: [Float]) {
    var (y, dx) = ([Float](), [Float]())
    var (gammaGradient, betaGradient) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    for start in stride(from: 0, to: x.count, by: channels) {
      let row = x[start..<start + channels].map { Double($0) }
      let gradient = dy[start..<start + channels].map { Double($0) }
      let mean = row.reduce(0, +) / Double(channels)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels)
      let deviation = (variance + epsilon).squareRoot()
      let n = row.map { ($0 - mean) / deviation }
      let g = (0..<channels).map { gradient[$0] * Double(gamma[$0]) }
      let (sum, product) = (g.reduce(0, +), (0..<channels).reduce(0) { $0 + g[$1] * n[$1] })
      for c in 0..<channels {
        y.append(Float(n[c] * Double(gamma[c]) + Double(beta[c])))
        dx.append(Float((g[c] - (sum + n[c] * product) / Double(channels)) / deviation))
        gammaGradient[c] += gradient[c] * n[c]
        betaGradient[c] += gradient[c]
      }
    }
    return (y, dx, gammaGradient.map { Float($0) }, betaGradient.map { Float($0) })
  }

  @Test(
    "forward and backward equal their definitions", arguments: [1, 3, 7, 8, 13, 16, 24, 40, 96, 127, 768], [1, 7, 300])
  func definition(channels: Int, positions: Int) {
    let count = positions * channels
    let x = randomValues(count, seed: 1, -2, 3)
    let dy = randomValues(count, seed: 2)
    let gamma = randomValues(channels, seed: 3, 0.5, 2)
    let beta = randomValues(channels, seed: 4)
    let expected = Self.twin(x, dy, channels, gamma: gamma, beta: beta, epsilon: 1e-3)
    var y = [Float](repeating: .nan, count: count + 8)
    var statistics = [Float](repeating: .nan, count: 2 * positions)
    layer_norm_forward(
      x, &y, positions, channels, gamma: gamma, beta: beta, epsilon: 1e-3, statistics: &statistics)
    expectClose(Array(y.prefix(count)), expected.y, "output")
    #expect(y.suffix(8).allSatisfy { $0.isNaN })
    var dx = [Float](repeating: .nan, count: count + 8)
    layer_norm_input_gradient(x, dy, &dx, positions, channels, gamma: gamma, statistics: statistics)
    expectClose(Array(dx.prefix(count)), expected.dx, tolerance: 3e-5, "input gradient")
    #expect(dx.suffix(8).allSatisfy { $0.isNaN })
    var gammaSums = [Double](repeating: 0, count: channels)
    var betaSums = gammaSums
    layer_norm_parameter_sums(
      x, dy, positions, channels, statistics: statistics, gammaSums: &gammaSums, betaSums: &betaSums)
    expectClose(gammaSums.map { Float($0) }, expected.gamma, tolerance: 2e-5, "gamma gradient")
    expectClose(betaSums.map { Float($0) }, expected.beta, "beta gradient")
  }

  @Test("a mean far from zero costs little precision", arguments: [24, 768])
  func largeMean(channels: Int) {
    let x = randomValues(channels, seed: 5, 1000, 1001)
    let ones = [Float](repeating: 1, count: channels)
    let zeros = [Float](repeating: 0, count: channels)
    let expected = Self.twin(x, zeros, channels, gamma: ones, beta: zeros, epsilon: 0)
    var y = zeros
    layer_norm_forward(x, &y, 1, channels, gamma: ones, beta: zeros, epsilon: 0, statistics: nil)
    expectClose(y, expected.y, tolerance: 5e-4)
  }
}
