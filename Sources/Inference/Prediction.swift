/// The columns and numbers of a prediction table.
public enum Prediction {
  /// `file  status  class  probability  class_2  probability_2  ...  message`, without the newline.
  public static func header(top: Int) -> String {
    let columns = (1...max(1, top)).flatMap { rank in
      rank == 1 ? ["class", "probability"] : ["class_\(rank)", "probability_\(rank)"]
    }
    return (["file", "status"] + columns + ["message"]).joined(separator: "\t")
  }

  /// `0.912346`
  static func format(_ probability: Float) -> String {
    var bytes: [UInt8] = []
    append(probability, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Six decimals; nothing when it is not a number.
  static func append(_ probability: Float, to line: inout [UInt8]) {
    guard probability.isFinite else { return }
    let millionths = Int((Double(probability) * 1e6).rounded())
    line.append(UInt8(ascii: "0") + UInt8(clamping: millionths / 1_000_000))
    line.append(UInt8(ascii: "."))
    var scale = 100_000
    while scale > 0 {
      line.append(UInt8(ascii: "0") + UInt8(millionths / scale % 10))
      scale /= 10
    }
  }
}
