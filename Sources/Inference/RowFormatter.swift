import Foundation
import Images
import ModelFiles

/// Makes the lines of a prediction table.
///
///     table            [index]  file  status  class  probability  class_2  probability_2  ...  message  [shard ...]
///     herbariograph    [index]  MODEL  FILE  PREDICTION  [shard ...]
///
/// The columns in brackets are those of a shard.
final class RowFormatter {
  let header: [UInt8]
  /// Tabs in every line.
  let tabs: Int
  var classCount: Int { classes.count }
  private let format: PredictionFormat
  private let isShard: Bool
  private let model: [UInt8]
  /// Escaped.
  private let classes: [[UInt8]]
  private let top: Int
  private let rejectBelow: Double?
  private var powers: [Double]
  private var best: [Int] = []

  init(request: PredictionRequest, model: Model, stamp: ShardStamp?) {
    format = request.format
    isShard = stamp != nil
    top = max(1, min(request.top, model.classes.count))
    rejectBelow = request.rejectBelow
    classes = model.classes.map { Array(TSV.escaped($0).utf8) }
    self.model = Array(TSV.escaped(model.name).utf8)
    powers = Array(repeating: 0, count: model.classes.count)
    var columns =
      switch format {
      case .table: Prediction.header(top: top)
      case .herbariograph: "MODEL\tFILE\tPREDICTION"
      }
    if let stamp { columns = "index\t\(columns)\t\(stamp.text)" }
    header = Array(columns.utf8)
    tabs = header.count { $0 == UInt8(ascii: "\t") }
  }

  /// The line up to the file's column, with the tab behind it: what is known before the picture is read.
  func appendStart(index: Int, shown: some Sequence<UInt8>, to line: inout [UInt8]) {
    if isShard {
      line += "\(index)".utf8
      line.append(UInt8(ascii: "\t"))
    }
    if format == .herbariograph {
      line += model
      line.append(UInt8(ascii: "\t"))
    }
    line += shown
    line.append(UInt8(ascii: "\t"))
  }

  /// The rest of the line of a picture that could not be read, with the newline.
  ///
  /// - Returns: the status.
  func appendEnd(_ error: ImageError, to line: inout [UInt8]) -> String {
    appendEnd(status: error.statusWord, message: "\(error)", to: &line)
    return error.statusWord
  }

  private static let notFinite = "not_finite"

  private func appendEnd(status: String, message: String, to line: inout [UInt8]) {
    if format == .table {
      line += status.utf8
      line.append(contentsOf: repeatElement(UInt8(ascii: "\t"), count: 2 * top + 1))
      line += TSV.escaped(message).utf8
    }
    finish(&line)
  }

  /// The rest of the line of a picture with these logits, with the newline.
  ///
  /// - Returns: the status: `ok`, `unknown`, or `not_finite` where the logits give no probabilities.
  func appendEnd(logits: UnsafePointer<Float>, to line: inout [UInt8]) -> String {
    if !rank(logits) {
      appendEnd(
        status: RowFormatter.notFinite, message: "the network gives numbers that are not finite; its model is damaged",
        to: &line)
      return RowFormatter.notFinite
    }
    let probability = Float(powers[best[0]])
    let isUnknown = rejectBelow.map { !(Double(probability) >= $0) } ?? false
    let status = isUnknown ? "unknown" : "ok"
    switch format {
    case .herbariograph: line += isUnknown ? Array("unknown".utf8) : classes[best[0]]
    case .table:
      line += status.utf8
      line.append(UInt8(ascii: "\t"))
      for candidate in best {
        line += classes[candidate]
        line.append(UInt8(ascii: "\t"))
        Prediction.append(Float(powers[candidate]), to: &line)
        line.append(UInt8(ascii: "\t"))
      }
    }
    finish(&line)
    return status
  }

  private func finish(_ line: inout [UInt8]) {
    if isShard { line.append(UInt8(ascii: "\t")) }
    line.append(UInt8(ascii: "\n"))
  }

  /// Softmax into `powers`, as `Metrics.probabilities` computes it, and the `top` best into `best`; of equal
  /// probabilities the first class of the table.
  ///
  /// - Returns: false when there are no probabilities: a logit is not a number or infinite, or all are minus infinity.
  private func rank(_ logits: UnsafePointer<Float>) -> Bool {
    let count = powers.count
    var highest = -Float.infinity
    for i in 0..<count { highest = max(highest, logits[i]) }
    var sum = 0.0
    for i in 0..<count {
      powers[i] = exp(Double(logits[i]) - Double(highest))
      sum += powers[i]
    }
    if !sum.isFinite { return false }
    best.removeAll(keepingCapacity: true)
    for i in 0..<count {
      powers[i] = Double(Float(powers[i] / sum))
      if best.count == top, !(powers[i] > powers[best[top - 1]]) { continue }
      var place = best.count
      while place > 0, powers[i] > powers[best[place - 1]] { place -= 1 }
      if best.count == top { best.removeLast() }
      best.insert(i, at: place)
    }
    return true
  }

  /// The status in a line that was written before, given what follows its start.
  func status(inEnd end: UnsafeBufferPointer<UInt8>) -> String {
    let field = end.prefix { $0 != UInt8(ascii: "\t") }
    switch format {
    case .table: return String(decoding: field, as: UTF8.self)
    case .herbariograph:
      if field.isEmpty { return "unreadable" }
      return rejectBelow != nil && field.elementsEqual("unknown".utf8) ? "unknown" : "ok"
    }
  }
}
