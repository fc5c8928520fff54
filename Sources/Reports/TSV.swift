/// Lines of cells between tabs, as every table of the workbench is written.
///
/// Tab, newline, return and backslash inside a cell are written `\t`, `\n`, `\r` and `\\`.
public struct TSV: Sendable {
  public private(set) var text = ""

  public init(header: [String]) { append(header) }

  public mutating func append(_ cells: [String]) {
    text += cells.map(TSV.escape).joined(separator: "\t")
    text += "\n"
  }

  public static func escape(_ cell: String) -> String {
    if !cell.utf8.contains(where: { $0 == 9 || $0 == 10 || $0 == 13 || $0 == 92 }) { return cell }
    var result = ""
    for scalar in cell.unicodeScalars {
      switch scalar {
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\\": result += "\\\\"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
