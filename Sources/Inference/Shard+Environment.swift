extension Shard {
  /// A shard, and the variable that a batch system says it with.
  public struct Taken: Equatable, Sendable {
    public let shard: Shard
    /// `SLURM_ARRAY_TASK_ID 7`
    public let source: String
  }

  /// The shard of a task of a SLURM or SGE job array: the place of its number among the array's numbers, from 1.
  ///
  /// SLURM: `SLURM_ARRAY_TASK_ID`, `_COUNT`, `_MIN`, `_MAX` and, where it is set, `_STEP`. SGE and its kin: `SGE_TASK_ID`
  /// (`undefined` outside of an array), `SGE_TASK_FIRST`, `_LAST`, `_STEPSIZE`.
  ///
  /// - Returns: nil outside of a job array.
  /// - Throws: `InferenceError.taskArray` when the variables do not say how many tasks there are, or an array such as
  ///   `1,2,7` has gaps of unequal size.
  public static func taken(from environment: [String: String]) throws(InferenceError) -> Taken? {
    if environment["SLURM_ARRAY_TASK_ID"] != nil {
      return try taken(
        from: environment, id: "SLURM_ARRAY_TASK_ID", first: "SLURM_ARRAY_TASK_MIN", last: "SLURM_ARRAY_TASK_MAX",
        step: "SLURM_ARRAY_TASK_STEP", count: "SLURM_ARRAY_TASK_COUNT")
    }
    if let task = environment["SGE_TASK_ID"], task != "undefined" {
      return try taken(
        from: environment, id: "SGE_TASK_ID", first: "SGE_TASK_FIRST", last: "SGE_TASK_LAST",
        step: "SGE_TASK_STEPSIZE", count: nil)
    }
    return nil
  }

  private static func taken(
    from environment: [String: String], id: String, first: String, last: String, step: String, count: String?
  ) throws(InferenceError) -> Taken {
    func number(_ name: String) throws(InferenceError) -> Int? {
      guard let text = environment[name], !text.isEmpty else { return nil }
      guard let value = Int(text), (0...1 << 40).contains(value) else {
        throw .taskArray(variable: name, reason: "'\(text)' is not a task's number")
      }
      return value
    }
    guard let task = try number(id) else { throw .taskArray(variable: id, reason: "is empty") }
    guard let first = try number(first) else { throw .taskArray(variable: id, reason: "\(first) is not set") }
    let givenCount = try count.flatMap { name throws(InferenceError) in try number(name) }
    let givenLast = try number(last)
    guard let last = givenLast ?? givenCount.map({ first + $0 - 1 }) else {
      throw .taskArray(variable: id, reason: "\(last) is not set")
    }
    guard last >= first else { throw .taskArray(variable: id, reason: "the last task, \(last), is below \(first)") }
    let step = try number(step) ?? givenCount.flatMap { $0 > 1 ? (last - first) / ($0 - 1) : nil } ?? 1
    guard step > 0 else { throw .taskArray(variable: id, reason: "a step of 0") }
    let tasks = (last - first) / step + 1
    if let givenCount, givenCount != tasks {
      throw .taskArray(variable: id, reason: "the array's \(givenCount) numbers are not evenly spaced")
    }
    guard (task - first) % step == 0, (first...last).contains(task),
      let shard = Shard(number: (task - first) / step + 1, count: tasks)
    else { throw .taskArray(variable: id, reason: "\(task) is not in the array from \(first) to \(last)") }
    return Taken(shard: shard, source: "\(id) \(task)")
  }
}
