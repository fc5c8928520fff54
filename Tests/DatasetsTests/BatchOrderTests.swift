import Datasets
import Tensors
import Testing

@Suite("the order of an epoch")
struct BatchOrderTests {
  private let dataset = Dataset(
    root: "", classes: ["a", "b", "c"],
    samples: (0..<20).map { id in
      Sample(id: id, path: "", name: "\(id)", label: id < 14 ? 0 : (id < 18 ? 1 : 2))
    })
  private let key = RandomKey(seed: 1)

  @Test("shuffled is a permutation that changes with the epoch and the seed alone")
  func shuffled() {
    let all = Array(0..<20)
    let first = BatchOrder.shuffled.sequence(of: all, in: dataset, key: key, epoch: 0)
    #expect(first.sorted() == all && first != all)
    #expect(first == BatchOrder.shuffled.sequence(of: all, in: dataset, key: key, epoch: 0))
    #expect(first != BatchOrder.shuffled.sequence(of: all, in: dataset, key: key, epoch: 1))
    #expect(first != BatchOrder.shuffled.sequence(of: all, in: dataset, key: RandomKey(seed: 2), epoch: 0))
    #expect(BatchOrder.sequential.sequence(of: [3, 1, 2], in: dataset, key: key, epoch: 5) == [3, 1, 2])
  }

  @Test("balanced shows every class equally often, and uses all samples of a small class evenly", arguments: 0..<5)
  func balanced(epoch: Int) {
    let sequence = BatchOrder.balanced.sequence(of: Array(0..<20), in: dataset, key: key, epoch: epoch)
    #expect(sequence.count == 21)
    let labels = sequence.map { dataset.samples[$0].label }
    #expect((0..<3).map { label in labels.count { $0 == label } } == [7, 7, 7])
    #expect(Set(sequence.filter { $0 < 14 }).count == 7)
    #expect([18, 19].map { id in sequence.count { $0 == id } }.sorted() == [3, 4])
  }

  @Test("no samples are no samples")
  func empty() {
    for order in BatchOrder.allCases { #expect(order.sequence(of: [], in: dataset, key: key, epoch: 0) == []) }
  }
}
