import ModelFiles
import Tensors
import Training

extension RecipeSession {
  /// The table `distillation` of `wb.train`; nil in check mode, where a teacher that is trained here has no numbers yet.
  func distillation(_ table: LuaTable, student: ModelObject, data: DataObject) throws -> DistillationSettings? {
    let arguments = try Arguments(.table(table), schema: DistillationSettings.schema)
    guard let teacher = arguments.object("teacher", ModelObject.self) else {
      throw RequestError.invalid(owner: "distillation", reason: "'teacher' is required, and must be a model")
    }
    do {
      let mixes = data.augmentations.contains { if case .batch = $0.content { true } else { false } }
      try DistillationSettings.check(arguments.options, mixesPictures: mixes)
      if let known = teacher.classes {
        _ = try DistillationSettings.places(
          of: student.classes ?? data.dataset.classes, in: known,
          areNames: teacher.hasClassNames
            && (student.classes == nil ? data.dataset.hasClassNames : student.hasClassNames))
      }
    } catch {
      throw RequestError.invalid(owner: "train", reason: "\(error)")
    }
    if let model = teacher.trained {
      return try DistillationSettings(teacher: model, options: arguments.options)
    }
    guard teacher.plannedClasses != nil else {
      throw RequestError.invalid(
        owner: "distillation",
        reason: "the teacher '\(teacher.name)' is a network without numbers; train it first, or load a model")
    }
    return nil
  }
}
