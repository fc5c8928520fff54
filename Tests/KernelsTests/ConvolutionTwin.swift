import Kernels

/// The convolution and its gradients as their definitions say, summed in float64.
enum ConvolutionTwin {
  /// Calls `body` with the indices of one product: input, kernel, output.
  static func forEachProduct(_ g: ConvolutionGeometry, _ body: (_ x: Int, _ w: Int, _ y: Int) -> Void) {
    for oh in 0..<g.outputHeight {
      for ow in 0..<g.outputWidth {
        for f in 0..<g.filters {
          for kh in 0..<g.kernelHeight {
            let ih = oh * g.strideHeight + kh * g.dilationHeight - g.padTop
            if ih < 0 || ih >= g.inputHeight { continue }
            for kw in 0..<g.kernelWidth {
              let iw = ow * g.strideWidth + kw * g.dilationWidth - g.padLeft
              if iw < 0 || iw >= g.inputWidth { continue }
              for c in 0..<g.groupInputChannels {
                let channel = f / g.groupFilters * g.groupInputChannels + c
                body(
                  (ih * g.inputWidth + iw) * g.inputChannels + channel,
                  ((kh * g.kernelWidth + kw) * g.groupInputChannels + c) * g.filters + f,
                  (oh * g.outputWidth + ow) * g.filters + f)
              }
            }
          }
        }
      }
    }
  }

  static func forward(_ g: ConvolutionGeometry, _ x: [Float], _ w: [Float], bias: [Float]) -> [Float] {
    var y = [Double](repeating: 0, count: g.outputCount)
    for i in y.indices { y[i] = Double(bias[i % g.filters]) }
    forEachProduct(g) { y[$2] += Double(x[$0]) * Double(w[$1]) }
    return y.map { Float($0) }
  }

  static func inputGradient(_ g: ConvolutionGeometry, _ w: [Float], _ dy: [Float]) -> [Float] {
    var dx = [Double](repeating: 0, count: g.inputCount)
    forEachProduct(g) { dx[$0] += Double(dy[$2]) * Double(w[$1]) }
    return dx.map { Float($0) }
  }

  static func kernelGradient(_ g: ConvolutionGeometry, _ x: [Float], _ dy: [Float]) -> [Float] {
    var dw = [Double](repeating: 0, count: g.kernelCount)
    forEachProduct(g) { dw[$1] += Double(x[$0]) * Double(dy[$2]) }
    return dw.map { Float($0) }
  }
}
