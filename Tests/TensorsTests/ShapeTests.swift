import Foundation
import Tensors
import Testing

@Suite("Shapes and tensors")
struct ShapeTests {
  @Test("counts, axes and how they print")
  func values() {
    let shape: Shape = [256, 128, 3]
    #expect(shape.count == 98304)
    #expect(shape.channels == 3)
    #expect(shape.isPicture)
    #expect(shape.description == "256x128x3")
    #expect(shape.channelFirstDescription == "3x256x128")
    #expect(Shape([500]).channelFirstDescription == "500")
    #expect(Shape([]).description == "scalar")
    #expect(Shape([]).count == 1)
    #expect(Shape([4, 0, 2]).count == 0)
  }

  @Test("a shape that no memory holds does not overflow")
  func huge() {
    #expect(Shape([1 << 40, 1 << 40, 3]).count == 1 << 48)
    #expect(Shape([1 << 40, 1 << 40, 0]).count == 0)
    #expect(Shape([1 << 62, 2]).count == 1 << 48)
  }

  @Test("JSON, where a negative dimension is an error")
  func json() throws {
    let shape: Shape = [2, 3]
    let back = try JSONDecoder().decode(Shape.self, from: JSONEncoder().encode(shape))
    #expect(back == shape)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Shape.self, from: Data("[2,-3]".utf8)) }
  }

  @Test("tensors start as zeros and aligned, small and large", arguments: [0, 1, 17, 1 << 20, 1_500_000])
  func tensors(count: Int) {
    let tensor = Tensor([count])
    #expect(UInt(bitPattern: tensor.pointer) % 64 == 0)
    #expect(tensor.values.allSatisfy { $0 == 0 })
    tensor.fill(3)
    let copy = tensor.copy()
    tensor.fill(4)
    #expect(copy.values.allSatisfy { $0 == 3 })
    #expect(tensor.values.allSatisfy { $0 == 4 })
  }

  @Test("elements")
  func elements() {
    let tensor = Tensor([2, 2], [1, 2, 3, 4])
    tensor[3] = 9
    #expect(tensor.values == [1, 2, 3, 9])
    #expect(tensor[0] == 1)
    #expect(tensor.buffer.count == 4)
  }
}
