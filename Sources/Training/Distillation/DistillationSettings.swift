import Layers
import ModelFiles
import Schemas

/// What a student learns from a teacher, beside the labels or instead of them (Hinton et al. 2015, arXiv 1503.02531).
///
///     loss = weight * KL(softmax(teacher / T) || softmax(student / T)) + label_weight * loss of the labels [+ L2]
public struct DistillationSettings {
  public static let schema = Schema(
    "distillation",
    help: "Learns from a teacher's answers (Hinton et al. 2015): weight * KL(softmax(teacher / T) || softmax(student / "
      + "T)) + label_weight * loss. The teacher sees the same pixels as the student, brought to its own size and range.",
    options: [
      OptionSchema(
        "teacher", .reference(["model"]), required: true,
        help: "A model, trained or loaded, that knows the student's classes."),
      OptionSchema("weight", .number, default: .number(1), minimum: 0, help: "How much the teacher's answers count."),
      OptionSchema(
        "label_weight", .number, default: .number(0), minimum: 0, help: "How much the loss of the labels counts."),
      OptionSchema(
        "l2", .boolean, default: .boolean(false), help: "Whether the network's L2 terms are part of the loss."),
      OptionSchema(
        "cache", .boolean, default: .boolean(false),
        help: "Ask the teacher once a picture, about the picture as it is, and keep the answers in memory. Faster, but "
          + "the student's augmentations are not the teacher's, and pictures cannot be mixed."),
    ] + Distillation.schema.options)

  public let teacher: Model
  public let distillation: Distillation
  public let weight: Double
  public let labelWeight: Double
  public let includesL2: Bool
  public let isCached: Bool
  public let options: Options

  /// - Parameter options: of `schema`; the teacher stands beside them.
  public init(teacher: Model, options: Options) throws {
    self.teacher = teacher
    self.options = options
    distillation = Distillation(
      options: try Options(["temperature": .number(options.number("temperature"))], schema: Distillation.schema))
    weight = options.number("weight")
    labelWeight = options.number("label_weight")
    includesL2 = options.boolean("l2")
    isCached = options.boolean("cache")
  }

  /// Where the student's classes stand among the teacher's: by name, or place by place where either has no names.
  ///
  /// - Throws: `TrainingError.setting` when one is missing.
  public static func places(of student: [String], in teacher: [String], areNames: Bool) throws -> [Int] {
    guard areNames else {
      guard teacher.count == student.count else {
        throw TrainingError.setting("the teacher has \(teacher.count) classes, but the student \(student.count)")
      }
      return Array(student.indices)
    }
    let known = Dictionary(zip(teacher, teacher.indices), uniquingKeysWith: { first, _ in first })
    let missing = student.filter { known[$0] == nil }
    if !missing.isEmpty {
      let names = missing.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
      throw TrainingError.setting(
        "the teacher does not know the student's classes \(names)"
          + (missing.count > 5 ? " and \(missing.count - 5) more" : ""))
    }
    return student.compactMap { known[$0] }
  }

  /// - Parameters:
  ///   - options: of `schema`.
  ///   - mixesPictures: whether there are augmentations of whole batches.
  /// - Throws: `TrainingError.setting` for what cannot be, whoever the teacher is.
  public static func check(_ options: Options, mixesPictures: Bool) throws {
    if options.number("weight") == 0, options.number("label_weight") == 0 {
      throw TrainingError.setting("the distillation's 'weight' and 'label_weight' are both 0; nothing would be learnt")
    }
    if options.boolean("cache"), mixesPictures {
      throw TrainingError.setting(
        "the distillation's 'cache' keeps the teacher's answers for each picture, but the augmentations mix pictures; "
          + "leave out the one or the other")
    }
  }
}
