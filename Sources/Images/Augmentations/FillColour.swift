import Schemas

/// What an augmentation puts where the picture has nothing.
public struct FillColour: Equatable, Sendable {
  /// Red, green, blue, 0 to 255.
  public let rgb: [Float]

  static let gray = OptionValue.number(127.5)

  static func option(help: String) -> OptionSchema {
    OptionSchema("fill", .either([.number, .list(.number)]), default: gray, minimum: 0, maximum: 255, help: help)
  }

  /// - Parameter options: with a `fill` that is a number or a list of numbers.
  /// - Throws: `OptionError` when it is a list of another length than 3.
  init(_ options: Options) throws {
    guard case .list = options["fill"] else {
      rgb = Array(repeating: Float(options.number("fill")), count: 3)
      return
    }
    rgb = options.numbers("fill").map { Float($0) }
    if rgb.count != 3 {
      throw OptionError.wrongType(
        owner: options.owner, name: "fill", expected: "a number or a list of 3", found: "a list of \(rgb.count)")
    }
  }
}
