import CWorkbenchPlugin
import Layers
import PluginHost
import Schemas
import Testing

@Suite("Options as plugins read them")
struct PluginOptionsTests {
  @Test("a built-in layer's options reach a plugin by name, lists and words included")
  func builtIn() throws {
    let options = try Options(
      ["filters": .integer(8), "kernel": .list([.integer(3), .integer(5)]), "activation": .string("relu")],
      schema: Conv2D.schema)
    let passed = PluginOptions(options, schema: Conv2D.schema)
    let kernel = try #require(workbench_find(passed.pointer, "kernel")).pointee
    #expect(UInt32(kernel.kind) == WORKBENCH_INTEGERS.rawValue)
    #expect([kernel.list[0], kernel.list[1]] == [3, 5])
    let stride = try #require(workbench_find(passed.pointer, "stride")).pointee
    #expect(UInt32(stride.kind) == WORKBENCH_INTEGER.rawValue && stride.integer == 1 && stride.number == 1)
    let activation = try #require(workbench_find(passed.pointer, "activation")).pointee
    #expect(UInt32(activation.kind) == WORKBENCH_CHOICE.rawValue && String(cString: activation.string) == "relu")
    #expect(workbench_find(passed.pointer, "kernels") == nil)
    #expect(passed.pointer.pointee.count == UInt32(Conv2D.schema.options.count))
  }

  @Test("an option without a value is unset")
  func unset() throws {
    let options = try Options(["filters": .integer(8), "kernel": .integer(3)], schema: Conv2D.schema)
    let passed = PluginOptions(options, schema: Conv2D.schema)
    #expect(try #require(workbench_find(passed.pointer, "activation")).pointee.kind == 0)
  }
}
