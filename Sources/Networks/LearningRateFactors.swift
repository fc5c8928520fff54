/// How much of the learning rate each layer gets: factors by name, and less from the top of the network downwards.
public struct LearningRateFactors: Equatable, Sendable {
  /// By name or pattern (`*` for any characters). A whole name counts before a pattern, a longer pattern before a
  /// shorter one.
  public var byLayer: [String: Double]
  /// The factor from one depth group of `Network.depthGroups` to the one below it; nil: 1.
  public var layerDecay: Double?

  public init(byLayer: [String: Double] = [:], layerDecay: Double? = nil) {
    self.byLayer = byLayer
    self.layerDecay = layerDecay
  }

  public var isEmpty: Bool { byLayer.isEmpty && layerDecay == nil }

  /// `convNeXt0_* 0.1, output_dense 10.0, layer decay 0.75`, or `none`.
  public var text: String {
    let parts =
      byLayer.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      + (layerDecay.map { ["layer decay \($0)"] } ?? [])
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }

  /// The product of both for each layer with parameters.
  ///
  /// - Throws: `NetworkError.unknownNode` for a pattern that fits no layer, with the nearest name; `.noParameters` when
  ///   those that it fits have none; `.patternsDiffer`.
  public func factors(for network: Network) throws(NetworkError) -> [String: Double] {
    var result: [String: Double] = [:]
    let groups = network.depthGroups
    for (depth, group) in groups.enumerated() {
      let decay = layerDecay.map { power($0, groups.count - 1 - depth) } ?? 1
      for layer in group { result[layer] = decay }
    }
    var chosen: [String: LayerPattern] = [:]
    for pattern in byLayer.keys.sorted().map(LayerPattern.init) {
      for layer in try network.parameterLayers(matching: [pattern.text]) {
        guard let other = chosen[layer] else {
          chosen[layer] = pattern
          continue
        }
        if other.isName { continue }
        if pattern.isName || pattern.literalCount > other.literalCount {
          chosen[layer] = pattern
        } else if pattern.literalCount == other.literalCount, byLayer[pattern.text] != byLayer[other.text] {
          throw .patternsDiffer(layer: layer, [other.text, pattern.text])
        }
      }
    }
    for (layer, pattern) in chosen { result[layer, default: 1] *= byLayer[pattern.text] ?? 1 }
    return result
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
