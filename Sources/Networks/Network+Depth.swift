extension Network {
  /// The layers with parameters in groups from the input to the output, for layer-wise learning rate decay.
  ///
  /// 1. The order of layers is cut wherever one array alone passes from what comes before to what comes after: a residual
  ///    block stays whole, layers in a row are cut apart.
  /// 2. Pieces whose layers share a name up to the number of a block (`blocks.3`, `convNeXt2_block0`) are joined: the two
  ///    halves of a transformer's block.
  /// 3. A piece without a kernel (normalisations, scales, tokens, positions) joins the one below it; at the input, and right
  ///    below the last piece with a kernel (the head), it joins the one above.
  ///
  /// So a ConvNeXt has its stem, each down-sampling convolution, each block and its head as groups, and a vision
  /// transformer its patch embedding, its blocks and its head, as in the layer decay of BEiT (Bao et al. 2022, arXiv
  /// 2106.08254, section 3.2).
  public var depthGroups: [[String]] {
    var groups: [DepthGroup] = []
    let pieces = pieces().map(DepthGroup.init)
    let head = headPieces(pieces)
    for (place, group) in pieces.enumerated() {
      guard let last = groups.last, place != head.lowerBound else {
        groups.append(group)
        continue
      }
      if head.contains(place)
        || group.block != nil && group.block == last.block || !group.hasKernel || !last.hasKernel && groups.count == 1
      {
        groups[groups.count - 1].take(group)
      } else {
        groups.append(group)
      }
    }
    return groups.map(\.layers)
  }

  /// The last piece with a kernel, and what stands right below it without one.
  private func headPieces(_ pieces: [DepthGroup]) -> Range<Int> {
    guard let last = pieces.lastIndex(where: \.hasKernel) else { return 0..<0 }
    var first = last
    while first > 0, !pieces[first - 1].hasKernel { first -= 1 }
    return first == 0 ? 0..<0 : first..<last + 1
  }

  /// The nodes that have parameters, cut where one array alone passes.
  private func pieces() -> [[Node]] {
    // For each node, the last that takes its output.
    var lastReader = nodes.map(\.id)
    for node in nodes { for input in node.inputs { lastReader[input] = max(lastReader[input], node.id) } }
    var pieces: [[Node]] = []
    var piece: [Node] = []
    var open = Set<Int>()
    for node in nodes {
      open = open.filter { lastReader[$0] > node.id }
      if lastReader[node.id] > node.id { open.insert(node.id) }
      if node.parameterCount > 0 { piece.append(node) }
      if open.count <= 1, !piece.isEmpty {
        pieces.append(piece)
        piece = []
      }
    }
    return piece.isEmpty ? pieces : pieces + [piece]
  }
}

/// Layers of one depth.
private struct DepthGroup {
  var layers: [String]
  /// What the names have in common up to the number of a block; nil when they do not.
  var block: Substring?
  var hasKernel: Bool

  init(_ nodes: [Node]) {
    layers = nodes.map(\.name)
    let blocks = Set(layers.map(DepthGroup.block))
    block = blocks.count == 1 ? blocks.first ?? nil : nil
    hasKernel = nodes.contains { $0.signature?.parameters.contains { $0.fanIn > 1 || $0.fanOut > 1 } ?? false }
  }

  mutating func take(_ other: DepthGroup) {
    layers += other.layers
    hasKernel = hasKernel || other.hasKernel
    // A normalisation that stands alone says nothing of the block.
    if other.hasKernel { block = block == other.block ? block : other.block }
  }

  /// `convNeXt2_block3` of `convNeXt2_block3_expand_conv2D`, `blocks.3` of `blocks.3.attn`.
  private static func block(_ name: String) -> Substring? {
    for word in ["blocks", "block"] {
      guard let place = name.firstRange(of: word) else { continue }
      let rest = name[place.upperBound...]
      let start = rest.first.map { $0 == "." || $0 == "_" } == true ? rest.dropFirst() : rest
      let digits = start.prefix { $0.isASCII && $0.isNumber }
      if !digits.isEmpty { return name[..<digits.endIndex] }
    }
    return nil
  }
}
