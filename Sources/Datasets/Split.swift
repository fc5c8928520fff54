/// A part of a data set.
public enum Split: String, CaseIterable, Codable, Hashable, Sendable, CustomStringConvertible {
  case train
  case validation
  case test

  /// The part that a word of a manifest or a command line names, in any letter case; `val`, `valid` and `training` are
  /// accepted too. nil for any other word.
  public init?(word: String) {
    switch word.lowercased() {
    case "train", "training": self = .train
    case "validation", "val", "valid": self = .validation
    case "test": self = .test
    default: return nil
    }
  }

  /// What `init(word:)` accepts, for messages.
  public static let words = ["train", "training", "validation", "val", "valid", "test"]

  public var description: String { rawValue }
}

/// The shares of the parts in a random partition. They add up to 1.
public struct SplitFractions: Equatable, Codable, Sendable {
  public let train: Double
  public let validation: Double
  public let test: Double

  /// - Throws: `DatasetError.fractions` when one is negative or not finite, `train` is 0, or the sum is not 1 (to 1e-6).
  public init(train: Double, validation: Double, test: Double) throws(DatasetError) {
    let all = [train, validation, test]
    guard all.allSatisfy({ $0.isFinite && $0 >= 0 }), train > 0, abs(all.reduce(0, +) - 1) < 1e-6 else {
      throw .fractions(train: train, validation: validation, test: test)
    }
    self.init(unchecked: train, validation, test)
  }

  /// - Parameter train: as the others a share, known to be right.
  init(unchecked train: Double, _ validation: Double, _ test: Double) {
    self.train = train
    self.validation = validation
    self.test = test
  }

  public subscript(split: Split) -> Double {
    switch split {
    case .train: train
    case .validation: validation
    case .test: test
    }
  }
}
