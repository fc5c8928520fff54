/// What can be wrong with the preparing of pictures for training: packing, and the search for duplicates.
public enum DataPreparationError: Error, Equatable, Sendable {
  case interrupted
  /// All pictures are damaged; `example` has a path and a reason.
  case nothingReadable(path: String, pictures: Int, example: String)
  /// No class has as many pictures.
  case classesTooSmall(path: String, minimum: Int, largest: String, pictures: Int)
  /// Classes of the data that the table of `--labels` does not have.
  case classesNotInTable(path: String, classes: [String], table: String)
  /// The data have splits of their own, and other shares are asked for.
  case splitsOfTheirOwn(path: String)
  /// Two files to write, or a file to write and one to read, are the same.
  case sameFile(path: String, as: String)
  case cannotMove(path: String, to: String, reason: String)
  /// A manifest in which the paths of pictures cannot be found again.
  case cannotRewrite(path: String, reason: String)
}

extension DataPreparationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .interrupted: "interrupted"
    case .nothingReadable(let path, let pictures, let example):
      "\(path): none of the \(counted(pictures, "picture")) can be read, such as \(example)"
    case .classesTooSmall(let path, let minimum, let largest, let pictures):
      "\(path): no class has \(counted(minimum, "picture")); the largest, '\(largest)', has \(pictures)"
    case .classesNotInTable(let path, let classes, let table):
      "\(path): \(table) does not have the class\(classes.count == 1 ? "" : "es") "
        + classes.map { "'\($0)'" }.joined(separator: ", ")
    case .splitsOfTheirOwn(let path):
      "\(path): the data have splits of their own; to draw them anew, ask for it (--resplit)"
    case .sameFile(let path, let other): "\(path): would replace \(other), which is being read"
    case .cannotMove(let path, let target, let reason): "\(path): cannot be moved to \(target): \(reason)"
    case .cannotRewrite(let path, let reason): "\(path): \(reason)"
    }
  }
}
