import Tensors

/// The table that `check` and `describe` print: `Layer  Type  Shape  Parameters`, a row a node, then totals.
public struct LayerTable: Sendable, CustomStringConvertible {
  public struct Row: Equatable, Sendable {
    public let layer: String
    public let type: String
    /// `252x252x16`, or `16x252x252` channel first.
    public let shape: String
    public let parameters: Int
    /// Whether training leaves the layer's parameters as they are.
    public let isFrozen: Bool
  }

  public let rows: [Row]
  public let parameterCount: Int
  public let trainableCount: Int
  /// Numbers that could be trained, but are frozen.
  public let frozenCount: Int

  /// - Parameters:
  ///   - frozen: the names of layers that training leaves as they are.
  ///   - channelFirst: print picture shapes as the 2017 paper does.
  public init(_ network: Network, frozen: Set<String> = [], channelFirst: Bool = false) {
    rows = network.nodes.map { node in
      Row(
        layer: node.name, type: node.typeName,
        shape: channelFirst ? node.shape.channelFirstDescription : node.shape.description,
        parameters: node.parameterCount, isFrozen: node.parameterCount > 0 && frozen.contains(node.name))
    }
    parameterCount = network.parameterCount
    trainableCount = network.trainableCount(frozen: frozen)
    frozenCount = network.trainableCount - trainableCount
  }

  /// Aligned text; the last lines are the totals: `4,150,830 trainable parameters, 320 others`.
  public var description: String { text }

  public var text: String {
    let header = ["Layer", "Type", "Shape", "Parameters"]
    let cells = rows.map { [$0.layer, $0.type, $0.shape, thousands($0.parameters), $0.isFrozen ? "  frozen" : ""] }
    let widths = (0..<4).map { column in ([header] + cells).map { $0[column].count }.max() ?? 0 }
    let lines = ([header + [""]] + cells).map { row in
      (0..<4).map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 3 ? padding + row[column] : row[column] + padding
      }.joined(separator: "  ") + row[4]
    }
    return lines.joined(separator: "\n") + "\n" + totals
  }

  /// `4,150,830 trainable parameters, 1,200 frozen, 320 others (running statistics)`.
  public var totals: String {
    let others = parameterCount - trainableCount - frozenCount
    return "\(thousands(trainableCount)) trainable parameters"
      + (frozenCount > 0 ? ", \(thousands(frozenCount)) frozen" : "")
      + (others > 0 ? ", \(thousands(others)) others (running statistics)" : "")
  }
}
