import Foundation

/// The index of the highest value; of equal ones the first, as NumPy and TensorFlow choose. NaN is below everything.
public func highestIndex(_ values: UnsafeBufferPointer<Float>) -> Int {
  var best = 0
  var bestValue = -Float.infinity
  for (index, value) in values.enumerated() where value > bestValue {
    best = index
    bestValue = value
  }
  return best
}

/// The index of the highest value of every row.
///
/// - Parameter values: `[count, classCount]`, row by row.
public func highestIndices(_ values: [Float], classCount: Int) -> [Int] {
  precondition(classCount > 0 && values.count % classCount == 0, "\(values.count) values in rows of \(classCount)")
  return values.withUnsafeBufferPointer { values in
    (0..<values.count / classCount).map {
      highestIndex(UnsafeBufferPointer(rebasing: values[$0 * classCount..<($0 + 1) * classCount]))
    }
  }
}

/// Softmax of every row: `p[i] = exp(z[i] - max z) / sum over j of exp(z[j] - max z)`, summed in double precision.
///
/// - Parameter logits: `[count, classCount]`, row by row.
/// - Returns: probabilities in the same order.
public func probabilities(fromLogits logits: [Float], classCount: Int) -> [Float] {
  precondition(classCount > 0 && logits.count % classCount == 0, "\(logits.count) logits in rows of \(classCount)")
  var result = [Float](repeating: 0, count: logits.count)
  var powers = [Double](repeating: 0, count: classCount)
  for start in stride(from: 0, to: logits.count, by: classCount) {
    let highest = logits[start..<start + classCount].reduce(-Float.infinity, max)
    var sum = 0.0
    for index in 0..<classCount {
      powers[index] = exp(Double(logits[start + index]) - Double(highest))
      sum += powers[index]
    }
    for index in 0..<classCount { result[start + index] = Float(powers[index] / sum) }
  }
  return result
}
