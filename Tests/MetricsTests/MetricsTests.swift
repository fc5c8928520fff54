import Metrics
import Testing

@Test("of equal values the first is the highest, and NaN is below everything")
func highestOfEqualValues() {
  #expect(highestIndices([1, 1, 0, .nan, -5, -5, .nan, .nan, .nan], classCount: 3) == [0, 1, 0])
}
