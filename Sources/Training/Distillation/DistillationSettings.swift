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
}
