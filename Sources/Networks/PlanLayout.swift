import Layers

/// What a plan keeps where: for every step the buffers of its output, gradients, saved numbers and scratch memory.
///
/// Time runs 0 ..< n through the forward steps, n is the loss, and step i goes backward at 2n - i.
struct PlanLayout {
  /// Indices of `memory.buffers`.
  struct Places {
    var output = 0
    var saved = 0
    var forwardWorkspace = 0
    var backwardWorkspace = 0
    var outputGradient = 0
    /// For each input, where its gradient is written; nil where nobody wants it.
    var inputGradients: [Int?] = []
    /// For each input, the gradient to which the written one is added; nil where it is the first.
    var addsTo: [Int?] = []
  }

  private(set) var places: [Places]
  private(set) var logitsGradient = 0
  let memory: MemoryPlan

  /// - Parameter reuses: false for a plan in which every array has memory of its own.
  init(_ plan: PlanSteps, batch: Int, isTraining: Bool, logitsCount: Int, reuses: Bool = true) {
    var builder = Builder(plan: plan, batch: batch, isTraining: isTraining, reuses: reuses)
    builder.placeForward()
    if isTraining { builder.placeBackward(logitsCount: logitsCount) }
    places = builder.places
    logitsGradient = builder.logitsGradient
    memory = MemoryPlan(builder.buffers, reuses: reuses)
  }
}

extension PlanLayout {
  private struct Builder {
    let steps: [PlanStep]
    let logitsStep: Int?
    let batch: Int
    let isTraining: Bool
    let reuses: Bool
    var buffers: [MemoryPlan.Buffer] = []
    var places: [Places]
    var logitsGradient = 0

    init(plan: PlanSteps, batch: Int, isTraining: Bool, reuses: Bool) {
      steps = plan.steps
      logitsStep = plan.logitsStep
      self.batch = batch
      self.isTraining = isTraining
      self.reuses = reuses
      places = [Places](repeating: Places(), count: plan.steps.count)
    }

    private var lossTime: Int { steps.count }
    private func backwardTime(_ step: Int) -> Int { 2 * steps.count - step }

    private mutating func add(_ label: String, count: Int, first: Int, last: Int) -> Int {
      buffers.append(MemoryPlan.Buffer(label, count: count, first: first, last: last))
      return buffers.count - 1
    }

    private mutating func extend(_ buffer: Int, to time: Int) { buffers[buffer].last = max(buffers[buffer].last, time) }

    /// For each step, when its output is looked at for the last time.
    private func lastUses() -> [Int] {
      var last = Array(steps.indices)
      for (index, step) in steps.enumerated() {
        let goesBackward = isTraining && step.runsBackward
        let reads = step.operation.backwardReads
        for case let input? in step.inputs {
          last[input] = max(last[input], goesBackward && reads.contains(.inputs) ? backwardTime(index) : index)
        }
        if goesBackward, reads.contains(.output) { last[index] = backwardTime(index) }
      }
      // An inference plan's logits are read after its last step.
      if let logitsStep { last[logitsStep] = max(last[logitsStep], lossTime) }
      return last
    }

    mutating func placeForward() {
      let last = lastUses()
      for (index, step) in steps.enumerated() {
        let goesBackward = isTraining && step.runsBackward
        let operation = step.operation
        if let buffer = bufferToOverwrite(by: step, at: index) {
          places[index].output = buffer
          extend(buffer, to: last[index])
        } else {
          places[index].output = add(
            "output of step \(index)", count: step.outputCount * batch, first: index, last: last[index])
        }
        places[index].saved = add(
          "saved by step \(index)", count: operation.savedCount, first: index,
          last: goesBackward ? backwardTime(index) : index)
        places[index].forwardWorkspace = add(
          "scratch of step \(index)", count: operation.workspaceCount, first: index, last: index)
      }
    }

    /// The buffer of the first input when the step may write its output there.
    private func bufferToOverwrite(by step: PlanStep, at time: Int) -> Int? {
      guard reuses, step.operation.canRunForwardInPlace, let input = step.inputs[0],
        step.inputCounts[0] == step.outputCount, !step.inputs.dropFirst().contains(input)
      else { return nil }
      let buffer = places[input].output
      return buffers[buffer].last <= time ? buffer : nil
    }

    mutating func placeBackward(logitsCount: Int) {
      // For each step, where the gradient of its output is collected.
      var gradients = [Int?](repeating: nil, count: steps.count)
      logitsGradient = add("gradient of the logits", count: logitsCount * batch, first: lossTime, last: lossTime)
      if let logitsStep { gradients[logitsStep] = logitsGradient }
      for index in steps.indices.reversed() where steps[index].runsBackward {
        guard let outputGradient = gradients[index] else { preconditionFailure("step \(index) has no gradient") }
        let step = steps[index]
        let time = backwardTime(index)
        extend(outputGradient, to: time)
        places[index].outputGradient = outputGradient
        places[index].backwardWorkspace = add(
          "scratch of step \(index), backward", count: step.operation.workspaceCount, first: time, last: time)
        for (position, input) in step.inputs.enumerated() {
          guard step.wantsInputGradient[position], let input else {
            places[index].inputGradients.append(nil)
            places[index].addsTo.append(nil)
            continue
          }
          let written =
            inPlaceGradient(of: position, step: step, outputGradient: outputGradient, time: time)
            ?? overwrittenInput(of: position, step: step, isFirst: gradients[input] == nil, index: index, time: time)
            ?? add(
              "gradient of step \(input)", count: step.inputCounts[position] * batch, first: time, last: time)
          places[index].inputGradients.append(written)
          places[index].addsTo.append(gradients[input])
          if let sum = gradients[input] { extend(sum, to: time) } else { gradients[input] = written }
        }
      }
    }

    /// The output's gradient when the input's may be written over it.
    private func inPlaceGradient(of position: Int, step: PlanStep, outputGradient: Int, time: Int) -> Int? {
      reuses && position == 0 && step.operation.canRunBackwardInPlace && step.inputCounts[0] == step.outputCount
        ? outputGradient : nil
    }

    /// The input itself when its gradient may be written over it and nobody reads it later.
    private func overwrittenInput(
      of position: Int, step: PlanStep, isFirst: Bool, index: Int, time: Int
    ) -> Int? {
      guard reuses, isFirst, position == 0, step.operation.canOverwriteInputWithInputGradient,
        let input = step.inputs[0], !step.inputs.dropFirst().contains(input)
      else { return nil }
      let buffer = places[input].output
      // The output's gradient may already have taken this memory. An input that is dead by now would only be kept longer.
      guard buffer != places[index].outputGradient, buffers[buffer].last == time else { return nil }
      return buffer
    }
  }
}
