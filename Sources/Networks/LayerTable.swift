import Tensors

/// The table that `check` and `describe` print: `Layer  Type  Shape  Parameters`, a row a node, then totals.
public struct LayerTable: Sendable, CustomStringConvertible {
  public struct Row: Equatable, Sendable {
    public let layer: String
    public let type: String
    /// `252x252x16`, or `16x252x252` channel first.
    public let shape: String
    public let parameters: Int
  }

  public let rows: [Row]
  public let parameterCount: Int
  public let trainableCount: Int

  /// - Parameter channelFirst: print picture shapes as the 2017 paper does.
  public init(_ network: Network, channelFirst: Bool = false) {
    rows = network.nodes.map { node in
      Row(
        layer: node.name, type: node.typeName,
        shape: channelFirst ? node.shape.channelFirstDescription : node.shape.description,
        parameters: node.parameterCount)
    }
    parameterCount = network.parameterCount
    trainableCount = network.trainableCount
  }

  /// Aligned text; the last lines are the totals: `4,150,830 trainable parameters, 320 others`.
  public var description: String { text }

  public var text: String {
    let header = ["Layer", "Type", "Shape", "Parameters"]
    let cells = rows.map { [$0.layer, $0.type, $0.shape, thousands($0.parameters)] }
    let widths = (0..<4).map { column in ([header] + cells).map { $0[column].count }.max() ?? 0 }
    let lines = ([header] + cells).map { row in
      (0..<4).map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 3 ? padding + row[column] : row[column] + padding
      }.joined(separator: "  ")
    }
    return lines.joined(separator: "\n") + "\n" + totals
  }

  /// `4,150,830 trainable parameters, 320 others (running statistics)`.
  public var totals: String {
    let others = parameterCount - trainableCount
    return "\(thousands(trainableCount)) trainable parameters"
      + (others > 0 ? ", \(thousands(others)) others (running statistics)" : "")
  }
}
