/// What a model says about one file: one row of the prediction table.
public struct Prediction: Equatable, Sendable {
  /// A class and its probability.
  public struct Candidate: Equatable, Sendable {
    public let label: String
    public let probability: Float

    public init(label: String, probability: Float) {
      self.label = label
      self.probability = probability
    }
  }

  /// The file's path as it was given or found, in bytes: names need not be UTF-8.
  public let file: [UInt8]
  /// `ok`, `unknown`, or why the picture could not be read: `unreadable`, `truncated`, `not_an_image`, ...
  public let status: String
  /// The most probable classes, best first; none for a picture that could not be read.
  public let candidates: [Candidate]
  /// The reason in words; empty for a picture that could be read.
  public let message: String

  public init(file: [UInt8], status: String, candidates: [Candidate], message: String) {
    self.file = file
    self.status = status
    self.candidates = candidates
    self.message = message
  }

  public var isFailed: Bool { candidates.isEmpty }
}

extension Prediction {
  /// `file  status  class  probability  class_2  probability_2  ...  message`, without the newline.
  public static func header(top: Int) -> String {
    let columns = (1...max(1, top)).flatMap { rank in
      rank == 1 ? ["class", "probability"] : ["class_\(rank)", "probability_\(rank)"]
    }
    return (["file", "status"] + columns + ["message"]).joined(separator: "\t")
  }

  /// The row under `header(top:)`, without the newline. Probabilities have six decimals.
  public func line(top: Int) -> String {
    var fields = [TSV.escaped(file), status]
    for rank in 0..<max(1, top) {
      if rank < candidates.count {
        fields.append(TSV.escaped(candidates[rank].label))
        fields.append(Prediction.format(candidates[rank].probability))
      } else {
        fields += ["", ""]
      }
    }
    fields.append(TSV.escaped(message))
    return fields.joined(separator: "\t")
  }

  /// `0.912346`
  static func format(_ probability: Float) -> String {
    guard probability.isFinite else { return "" }
    let millionths = Int((Double(probability) * 1e6).rounded())
    let digits = String(millionths % 1_000_000)
    return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - digits.count) + digits
  }
}
