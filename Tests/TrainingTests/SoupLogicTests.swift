import Networks
import Tensors
import TestSupport
import Testing
import Training

@Suite("Soup: selection, decisions, averages")
struct SoupLogicTests {
  @Test(
    "percentiles are numpy's",
    arguments: zip(
      [0, 10, 25, 33.3, 50, 60, 75, 90, 99, 100],
      [
        0.12, 0.234, 0.375, 0.43973999999999996, 0.6, 0.69, 0.75, 0.8420000000000001, 0.9661999999999998, 0.98,
      ]))
  func percentiles(percent: Double, expected: Double) {
    let values = [0.31, 0.75, 0.12, 0.98, 0.44, 0.75, 0.6]
    #expect(abs(linearPercentile(percent, of: values) - expected) < 1e-15)
    #expect(linearPercentile(percent, of: [0.5]) == 0.5)
  }

  @Test("candidates are ranked from the best down, equal ones in the order given, and chosen from the top")
  func selection() {
    let values = [0.5, 0.9, 0.7, 0.9, 0.1]
    func ranking(_ selection: SoupSelection, _ metric: SoupMetric = .accuracy) -> [Int] {
      selection.ranking(of: values, metric: metric)
    }
    #expect(ranking(.all) == [1, 3, 2, 0, 4])
    #expect(ranking(.all, .loss) == [4, 0, 2, 1, 3])
    #expect(ranking(.best(2)) == [1, 3])
    #expect(ranking(.best(99)) == [1, 3, 2, 0, 4])
    #expect(ranking(.threshold(0.7)) == [1, 3, 2])
    #expect(ranking(.threshold(0.95)) == [])
    #expect(ranking(.threshold(0.5), .loss) == [4, 0])
    // The median itself is in it; of a loss the lower half.
    #expect(ranking(.percentile(50)) == [1, 3, 2])
    #expect(ranking(.percentile(50), .loss) == [4, 0, 2])
    #expect(ranking(.percentile(75), .loss) == [4, 0])
    #expect(ranking(.percentile(100)) == [1, 3])
    #expect(ranking(.percentile(0)) == [1, 3, 2, 0, 4])
    // All alike: the percentile is their very value.
    #expect(SoupSelection.percentile(60).ranking(of: [0.1, 0.1, 0.1], metric: .loss) == [0, 1, 2])
  }

  /// What is kept when the soups with the ingredients 1, 2, ... would have these values.
  private func kept(
    _ values: [Double], first: Double = 0.5, _ logic: GreedySoup = GreedySoup(metric: .accuracy)
  ) -> (ranks: [Int], value: Double) {
    var ranks: [Int] = []
    let value = logic.run(count: values.count + 1, first: first, measure: { values[$0 - 1] }) { decision, isNew in
      #expect(isNew)
      if decision.isKept { ranks.append(decision.rank) }
    }
    return (ranks, value)
  }

  @Test("an ingredient stays when the soup with it is no worse than the last one that was kept")
  func greedy() {
    #expect(kept([]) == ([0], 0.5))
    #expect(kept([0.6, 0.59, 0.6, 0.7, 0.69]) == ([0, 1, 3, 4], 0.7))
    #expect(kept([0.5]) == ([0, 1], 0.5))
    #expect(kept([0.4, 0.45, 0.49]) == ([0], 0.5))
    #expect(kept([.nan, 0.5]) == ([0, 2], 0.5))
    let strict = GreedySoup(metric: .accuracy, isStrict: true)
    #expect(kept([0.5, 0.6, 0.6], strict) == ([0, 2], 0.6))
    let tolerant = GreedySoup(metric: .accuracy, tolerance: 0.0625)
    #expect(kept([0.4375, 0.375, 0.3125, 0.25], tolerant) == ([0, 1, 2, 3, 4], 0.25))
    #expect(kept([0.4, 0.45], tolerant) == ([0, 2], 0.45))
    let loss = GreedySoup(metric: .loss)
    #expect(kept([0.6, 0.4, 0.4, 0.5], loss) == ([0, 2, 3], 0.4))
  }

  @Test("decisions of an interrupted soup are taken over without measuring")
  func takenOver() throws {
    var measured: [Int] = []
    var decisions: [GreedySoup.Decision] = []
    var new: [Bool] = []
    let earlier = [
      GreedySoup.Decision(rank: 0, value: 0.5, isKept: true), GreedySoup.Decision(rank: 1, value: 0.7, isKept: true),
    ]
    let value = GreedySoup(metric: .accuracy).run(
      count: 4, first: 0.5, earlier: earlier,
      measure: { rank in
        measured.append(rank)
        return [0.6, 0.8][rank - 2]
      },
      decided: { decision, isNew in
        decisions.append(decision)
        new.append(isNew)
      })
    #expect(measured == [2, 3])
    #expect(new == [false, false, true, true])
    #expect(decisions.map(\.isKept) == [true, true, false, true])
    #expect(value == 0.8)
  }

  private func parameters(_ tiny: TinyRun, _ value: (Int) -> Float) throws -> ParameterSet {
    let parameters = try tiny.model().parameters.copy()
    for entry in parameters.entries { for i in 0..<entry.tensor.count { entry.tensor[i] = value(i) } }
    return parameters
  }

  @Test("the uniform mean is that of all that joined, and a model that only tries leaves no trace")
  func uniformMean() throws {
    let tiny = try TinyRun()
    let models = try [[1, 2], [2, -1], [6, 5]].map { numbers in try parameters(tiny) { Float(numbers[$0 % 2]) } }
    let target = try parameters(tiny) { _ in .nan }
    let average = WeightAverage(like: target, update: .uniform)
    average.write(with: models[0], to: target)
    expectSameBits(target.allValues, models[0].allValues)
    average.add(models[0])
    average.write(with: models[1], to: target)
    #expect(target.entries[0].tensor.values.prefix(2) == [1.5, 0.5])
    average.write(with: models[2], to: target)
    #expect(target.entries[0].tensor.values.prefix(2) == [3.5, 3.5])
    average.add(models[1])
    average.add(models[2])
    average.write(to: target)
    #expect(target.entries[0].tensor.values.prefix(2) == [3, 2])
    #expect(average.count == 3)
  }

  @Test("the mean of sixty models is right to the last bit, in whatever order they come")
  func exactMean() throws {
    let tiny = try TinyRun()
    let models = try (0..<60).map { model in
      let values = randomValues(256, seed: model)
      return try parameters(tiny) { values[$0 % 256] }
    }
    func mean(_ models: [ParameterSet]) throws -> [Float] {
      let target = try parameters(tiny) { _ in 0 }
      let average = WeightAverage(like: target, update: .uniform)
      for model in models { average.add(model) }
      average.write(to: target)
      return target.allValues
    }
    let forward = try mean(models)
    expectSameBits(try mean(models.reversed()), forward)
    // In integers of 2^-40, which hold these numbers exactly but for the smallest.
    let columns = models.map(\.allValues)
    for index in stride(from: 0, to: forward.count, by: 37) {
      let sum = columns.reduce(0.0) { $0 + Double($1[index]) }
      #expect(forward[index] == Float(sum / 60))
    }
  }

  @Test("pairwise is the original's: the soup becomes the mean of itself and the newcomer")
  func pairwiseMean() throws {
    let tiny = try TinyRun()
    let values: [Float] = [8, 4, 2, 1]
    let models = try values.map { value in try parameters(tiny) { _ in value } }
    let target = try parameters(tiny) { _ in 0 }
    let average = WeightAverage(like: target, update: .pairwise)
    average.write(with: models[0], to: target)
    #expect(target.allValues.allSatisfy { $0 == 8 })
    var soup: Float = 8
    average.add(models[0])
    for (value, model) in zip(values, models).dropFirst() {
      soup = (soup + value) / 2
      average.write(with: model, to: target)
      #expect(target.allValues.allSatisfy { $0 == soup })
      average.add(model)
      average.write(to: target)
      #expect(target.allValues.allSatisfy { $0 == soup })
    }
    // ((8 + 4) / 2 + 2) / 2 + 1) / 2
    #expect(soup == 2.5)
  }
}
