import Foundation
import PluginTestSupport
import Testing

/// The formula in double precision, and its derivatives by central differences.
private struct Twin {
  let pixels: Int
  let channels: Int
  let epsilon: Double

  /// One example: `[pixels, channels]` to `[channels]`.
  func pool(_ x: [Double], _ p: [Double]) -> [Double] {
    (0..<channels).map { c in
      let z = (0..<pixels).map { max(x[$0 * channels + c], epsilon) }
      let largest = z.max() ?? epsilon
      let exponent = max(p[p.count == 1 ? 0 : c], 0.1)
      let mean = z.reduce(0) { $0 + pow($1 / largest, exponent) } / Double(pixels)
      return largest * pow(mean, 1 / exponent)
    }
  }
}

private struct Numbers {
  var state: UInt64
  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) * 0x1p-24
  }
  mutating func list(_ count: Int, _ range: ClosedRange<Float>) -> [Float] {
    (0..<count).map { _ in range.lowerBound + (range.upperBound - range.lowerBound) * next() }
  }
}

@Suite("gem_pooling") struct GemPoolingTests {
  private let plugin: LoadedPlugin
  init() throws { plugin = try LoadedPlugin("gem_pooling") }

  private func layer(
    _ input: [Int], _ options: [String: OptionValues.Value] = [:], batch: Int = 1, isThreaded: Bool = false
  ) throws -> LayerRun {
    try LayerRun(plugin.layer("gem_pooling"), options, input: input, batch: batch, isThreaded: isThreaded)
  }

  @Test("2 x 2 pixels of two channels give what one computes by hand")
  func literal() throws {
    let run = try layer([2, 2, 2])
    // Channel 0: (1 + 8 + 27 + 64) / 4 = 25. Channel 1: only 2 is above epsilon: 8 / 4 = 2.
    let y = try run.forward([1, 2, 2, -1, 3, 0, 4, -5], parameters: [[3]])
    #expect(abs(y[0] - 2.924018) < 1e-5)
    #expect(abs(y[1] - 1.259921) < 1e-5)
    #expect(run.outputShape == [2])
  }

  @Test("exponent 1 is average pooling, a large one approaches the maximum")
  func limits() throws {
    var numbers = Numbers(state: 5)
    let x = numbers.list(7 * 5 * 3, 0.1...4)
    let run = try layer([7, 5, 3])
    let average = try run.forward(x, parameters: [[1]])
    let largest = try run.forward(x, parameters: [[1000]])
    for c in 0..<3 {
      let values = (0..<35).map { x[$0 * 3 + c] }
      let maximum = try #require(values.max())
      #expect(abs(average[c] - values.reduce(0, +) / 35) < 1e-5)
      // One of 35 pixels: 35^(-1/1000) of the maximum, and no more than it.
      #expect(largest[c] <= maximum * 1.000001 && largest[c] > maximum * 0.996)
    }
  }

  @Test("outputs agree with double precision at awkward sizes", arguments: [1, 3, 7, 13, 64, 65, 127])
  func twin(channels: Int) throws {
    for (height, width, batch) in [(1, 1, 1), (1, 7, 3), (13, 5, 2), (9, 15, 1)] {
      var numbers = Numbers(state: UInt64(channels * 100 + height))
      let pixels = height * width
      let x = numbers.list(batch * pixels * channels, -1...3)
      let p = numbers.list(channels, 0.2...9)
      let run = try layer([height, width, channels], ["per_channel": .boolean(true)], batch: batch)
      let y = try run.forward(x, parameters: [p])
      let twin = Twin(pixels: pixels, channels: channels, epsilon: 1e-6)
      for n in 0..<batch {
        let example = x[(n * pixels * channels)..<((n + 1) * pixels * channels)].map(Double.init)
        for (c, expected) in twin.pool(example, p.map(Double.init)).enumerated() {
          #expect(abs(Double(y[n * channels + c]) - expected) < 2e-6 * max(1, expected), "example \(n), channel \(c)")
        }
      }
    }
  }

  @Test("gradients agree with differences in double precision", arguments: [false, true])
  func gradients(isPerChannel: Bool) throws {
    let (height, width, channels, batch) = (4, 3, 5, 2)
    let pixels = height * width
    var numbers = Numbers(state: 77)
    let x = numbers.list(batch * pixels * channels, -0.5...2)
    let p = isPerChannel ? numbers.list(channels, 0.7...6) : [3.3]
    let g = numbers.list(batch * channels, -1...1)
    let run = try layer([height, width, channels], ["per_channel": .boolean(isPerChannel)], batch: batch)
    let y = try run.forward(x, parameters: [p])
    let found = try run.backward(x, output: y, outputGradient: g, parameters: [p])
    let twin = Twin(pixels: pixels, channels: channels, epsilon: 1e-6)
    func loss(_ x: [Double], _ p: [Double]) -> Double {
      (0..<batch).reduce(0) { sum, n in
        let example = Array(x[(n * pixels * channels)..<((n + 1) * pixels * channels)])
        return sum + zip(twin.pool(example, p), g[(n * channels)...]).reduce(0) { $0 + $1.0 * Double($1.1) }
      }
    }
    let (dx, dp) = (x.map(Double.init), p.map(Double.init))
    for i in dx.indices {
      var (up, down) = (dx, dx)
      up[i] += 1e-6
      down[i] -= 1e-6
      let expected = (loss(up, dp) - loss(down, dp)) / 2e-6
      #expect(abs(Double(found.input[i]) - expected) < 1e-5, "input \(i)")
    }
    for i in dp.indices {
      var (up, down) = (dp, dp)
      up[i] += 1e-6
      down[i] -= 1e-6
      let expected = (loss(dx, up) - loss(dx, down)) / 2e-6
      #expect(abs(Double(found.parameters[0][i]) - expected) < 1e-5, "exponent \(i)")
    }
  }

  @Test(
    "large exponents and extreme inputs give finite outputs and gradients", arguments: [0.1, 3, 50, 1000] as [Float])
  func extremes(exponent: Float) throws {
    let x: [Float] = [1e30, -1e30, 1e-30, 3e37, 0, 1e-6, 2e30, 3e37, 1e-20, 3e37, 1e30, 1e-5]
    let run = try layer([3, 2, 2])
    let y = try run.forward(x, parameters: [[exponent]])
    for value in y { #expect(value.isFinite && value >= 1e-6 && value <= 3.1e37) }
    let found = try run.backward(x, output: y, outputGradient: [1, -1], parameters: [[exponent]])
    #expect((found.input + found.parameters[0]).allSatisfy { $0.isFinite })
    // Below exponent 1 the slope at small inputs is steep; from there on it is at most the output's gradient.
    if exponent >= 1 { #expect(found.input.allSatisfy { abs($0) <= 1.00001 }) }
  }

  @Test("what is not finite does not get lost", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) throws {
    var x = [Float](repeating: 1, count: 3 * 3 * 2)
    x[6] = value
    let y = try layer([3, 3, 2]).forward(x, parameters: [[3]])
    #expect(y[0].isNaN)
    #expect(abs(y[1] - 1) < 1e-6)
  }

  @Test("equal inputs come out as they are, and teach the exponent nothing")
  func equalInputs() throws {
    let x = [Float](repeating: 0.7, count: 49 * 8)
    let run = try layer([7, 7, 8])
    let y = try run.forward(x, parameters: [[3]])
    #expect(y.allSatisfy { abs($0 - 0.7) < 1e-6 })
    let found = try run.backward(x, output: y, outputGradient: [Float](repeating: 1, count: 8), parameters: [[3]])
    #expect(found.input.allSatisfy { abs($0 - 1 / 49) < 1e-6 })
    #expect(abs(found.parameters[0][0]) < 1e-5)
  }

  @Test("an exponent below 0.1 counts as 0.1, and has no gradient")
  func leastExponent() throws {
    var numbers = Numbers(state: 9)
    let x = numbers.list(12 * 4, 0.2...2)
    let run = try layer([4, 3, 4])
    let y = try run.forward(x, parameters: [[-2]])
    let least = try run.forward(x, parameters: [[0.1]])
    #expect(y == least)
    let found = try run.backward(x, output: y, outputGradient: [1, 1, 1, 1], parameters: [[-2]])
    #expect(found.parameters == [[0]])
    #expect(found.input.allSatisfy { $0 > 0 })
  }

  @Test("the gradient may lie where the input does, and threads change no bit")
  func inPlaceAndThreads() throws {
    var numbers = Numbers(state: 31)
    let (x, g) = (numbers.list(5 * 63 * 130, -1...2), numbers.list(5 * 130, -1...1))
    var seen: [[Float]] = []
    for (isThreaded, isOverInput) in [(false, false), (true, false), (true, true)] {
      let run = try layer([9, 7, 130], batch: 5, isThreaded: isThreaded)
      let y = try run.forward(x, parameters: [[2.5]])
      let found = try run.backward(x, output: y, outputGradient: g, parameters: [[2.5]], isOverInput: isOverInput)
      seen.append(y + found.input + found.parameters[0])
    }
    #expect(seen[0] == seen[1] && seen[1] == seen[2])
    #expect(!seen[0].contains { $0.isNaN })
  }

  @Test("the plan names one exponent, or one a channel, begins at the option and escapes weight decay")
  func plans() throws {
    let shared = try layer([6, 6, 20], ["exponent": .number(4.5)])
    #expect(shared.parameters.map(\.name) == ["exponent"])
    #expect(shared.parameters[0].shape == [1])
    #expect(shared.parameters[0].initial == 4.5)
    #expect(shared.parameters[0].flags == 2)
    let own = try layer([6, 6, 20], ["per_channel": .boolean(true)])
    #expect(own.parameters[0].shape == [20])
  }

  @Test("what is no picture is refused with a sentence", arguments: [[20], [6, 20], [2, 3, 4, 5]])
  func badShapes(shape: [Int]) {
    let expected = PluginFailure(
      status: 2, message: "takes pictures [height, width, channels], not an array of rank \(shape.count)")
    #expect(throws: expected) { _ = try layer(shape) }
  }
}
