extension Network {
  /// The layers that have parameters, in order.
  public var parameterLayers: [String] { nodes.filter { $0.parameterCount > 0 }.map(\.name) }

  /// The layers with parameters that stand before another one in the order of the network, which is that of its table.
  ///
  /// - Throws: `NetworkError.unknownNode` with the nearest name; `.nothingLearns` when no layer from there on does.
  public func parameterLayers(before name: String) throws(NetworkError) -> [String] {
    let border = try node(named: name).id
    guard nodes[border...].contains(where: { $0.trainableCount > 0 }) else { throw .nothingLearns(from: name) }
    return nodes[..<border].filter { $0.parameterCount > 0 }.map(\.name)
  }

  /// The layers with parameters whose names fit one of the patterns, `*` standing for any characters.
  ///
  /// - Throws: `NetworkError.unknownNode` for a pattern that fits no layer, with the nearest name; `.noParameters` when
  ///   none of the layers that they fit has any.
  public func parameterLayers(matching patterns: [String]) throws(NetworkError) -> [String] {
    let chosen = Set(try LayerPattern.choose(patterns, among: nodes.map(\.name)))
    let layers = parameterLayers.filter(chosen.contains)
    guard !layers.isEmpty || patterns.isEmpty else { throw .noParameters(patterns) }
    return layers
  }

  /// Numbers that training changes when it leaves these layers alone.
  public func trainableCount(frozen: Set<String>) -> Int {
    nodes.reduce(0) { $0 + (frozen.contains($1.name) ? 0 : $1.trainableCount) }
  }
}
