import CWorkbenchPlugin

// my_plugin: a layer that limits how large numbers can get, softly, and learns for each channel where the limit is.
//
//   y = x / sqrt(1 + (a x)^2)
//
// Small numbers pass as they are; large ones approach 1 / a. `a` is the parameter "sharpness", one number a channel.
// With g the gradient of y:
//
//   gradient of x      = g / (1 + (a x)^2)^1.5
//   gradient of a      = sum over batch and places of -g a x^3 / (1 + (a x)^2)^1.5
//
// What a plugin must keep to stands at the top of workbench_plugin.h.

private typealias Call = UnsafePointer<workbench_layer_call>

/// Rows (places, each with all its channels) that one call of a parallel body computes. It must not depend on the number
/// of workers, since the partial sums of the gradient follow from it.
private let rowsAPiece = 256

// MARK: Shapes

extension workbench_shape {
  /// The extent of the last axis; 0 for a shape without axes.
  fileprivate var channels: Int {
    withUnsafeBytes(of: extents) { $0.bindMemory(to: UInt64.self).prefix(Int(rank)).last.map { Int($0) } ?? 0 }
  }
}

extension workbench_layer_request {
  fileprivate var input: workbench_shape { inputs[0]!.pointee }

  fileprivate func rows(_ batch: UInt32) -> Int {
    Int(batch) * Int(workbench_count(inputs[0])) / input.channels
  }
}

private func pieces(_ rows: Int) -> Int { (rows + rowsAPiece - 1) / rowsAPiece }

/// [any]
private func plan(
  _ type: UnsafePointer<workbench_layer_type>?, _ request: UnsafePointer<workbench_layer_request>?,
  _ plan: UnsafeMutablePointer<workbench_layer_plan>?, _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> workbench_status {
  let request = request!.pointee
  let plan = plan!
  guard request.input.rank > 0 else {
    return fail(WORKBENCH_INVALID_SHAPE, "needs an input with channels", message, messageBytes)
  }
  let channels = request.input.channels
  plan.pointee.output = request.input

  let sharpness = plan.pointee.parameters[0]!
  withUnsafeMutableBytes(of: &sharpness.pointee.name) { copy("sharpness", to: $0) }
  sharpness.pointee.shape.rank = 1
  sharpness.pointee.shape.extents.0 = UInt64(channels)
  sharpness.pointee.initializer = Int32(WORKBENCH_CONSTANT.rawValue)
  sharpness.pointee.initial_value = Float(workbench_find(request.options, "initial").pointee.number)
  // Decay would pull the limits apart from what the data say.
  sharpness.pointee.flags = WORKBENCH_NO_WEIGHT_DECAY
  plan.pointee.parameter_count = 1

  if request.is_training != 0 {
    plan.pointee.flags = WORKBENCH_BACKWARD_IN_PLACE | WORKBENCH_READS_INPUTS
    // For each piece of the batch its part of the gradient of `sharpness`.
    let numbers = pieces(request.rows(request.maximum_batch)) * channels
    plan.pointee.workspace_bytes = UInt64(numbers * MemoryLayout<Float>.size)
  } else {
    plan.pointee.flags = WORKBENCH_BACKWARD_IN_PLACE | WORKBENCH_FORWARD_IN_PLACE
  }
  plan.pointee.flops = 5 * workbench_count(request.inputs[0])
  return workbench_status(WORKBENCH_OK)
}

// MARK: Forward and backward

/// Calls `body` with the call, the first row and the row behind the last one of each piece, on all workers.
private func inPieces(_ call: Call, _ body: @convention(c) (UnsafeMutableRawPointer?, UInt64, UInt32) -> Void) {
  let rows = call.pointee.request.pointee.rows(call.pointee.batch)
  call.pointee.parallel_for(call, UInt64(pieces(rows)), body, UnsafeMutableRawPointer(mutating: call))
}

/// The call behind a body's context, and the rows of its piece.
private func piece(_ context: UnsafeMutableRawPointer?, _ index: UInt64) -> (workbench_layer_call, Range<Int>) {
  let call = context!.assumingMemoryBound(to: workbench_layer_call.self).pointee
  let first = Int(index) * rowsAPiece
  return (call, first..<min(first + rowsAPiece, call.request.pointee.rows(call.batch)))
}

/// [any; one at a time for one `workspace`]
private func forward(_ call: Call?, _: UnsafeMutablePointer<CChar>?, _: Int) -> workbench_status {
  inPieces(call!) { context, index, _ in
    let (call, rows) = piece(context, index)
    let channels = call.request.pointee.input.channels
    let sharpness = call.parameters[0]!
    for row in rows {
      let x = call.inputs[0]! + row * channels
      let y = call.output! + row * channels
      for c in 0..<channels {
        let scaled = sharpness[c] * x[c]
        y[c] = x[c] / (1 + scaled * scaled).squareRoot()
      }
    }
  }
  return workbench_status(WORKBENCH_OK)
}

/// [any; one at a time for one `workspace`]
private func backward(_ call: Call?, _: UnsafeMutablePointer<CChar>?, _: Int) -> workbench_status {
  inPieces(call!) { context, index, _ in
    let (call, rows) = piece(context, index)
    let channels = call.request.pointee.input.channels
    let sharpness = call.parameters[0]!
    // Either gradient may be unwanted: the first layer's input, a frozen layer's parameters.
    var sums: UnsafeMutablePointer<Float>?
    if call.parameter_gradients[0] != nil {
      sums = call.workspace.assumingMemoryBound(to: Float.self) + Int(index) * channels
      sums?.update(repeating: 0, count: channels)
    }
    for row in rows {
      let x = call.inputs[0]! + row * channels
      let g = call.output_gradient! + row * channels
      if let sums {
        for c in 0..<channels {
          let scaled = sharpness[c] * x[c]
          let base = 1 + scaled * scaled
          sums[c] -= g[c] * scaled * x[c] * x[c] / (base * base.squareRoot())
        }
      }
      // After the sums: in place, this overwrites g.
      guard let inputGradient = call.input_gradients[0] else { continue }
      let dx = inputGradient + row * channels
      for c in 0..<channels {
        let scaled = sharpness[c] * x[c]
        let base = 1 + scaled * scaled
        dx[c] = g[c] / (base * base.squareRoot())
      }
    }
  }
  let call = call!.pointee
  guard let gradient = call.parameter_gradients[0] else { return workbench_status(WORKBENCH_OK) }
  // In the order of the pieces, whoever computed them.
  let channels = call.request.pointee.input.channels
  let sums = call.workspace.assumingMemoryBound(to: Float.self)
  for c in 0..<channels {
    var sum = 0.0
    for piece in 0..<pieces(call.request.pointee.rows(call.batch)) { sum += Double(sums[piece * channels + c]) }
    gradient[c] = Float(sum)
  }
  return workbench_status(WORKBENCH_OK)
}

// MARK: What the plugin brings

nonisolated(unsafe) private let layers: UnsafePointer<workbench_layers> = {
  var initial = workbench_option()
  initial.struct_size = UInt32(MemoryLayout<workbench_option>.size)
  initial.kind = Int32(WORKBENCH_NUMBER.rawValue)
  initial.name = ("initial" as StaticString).c
  initial.help = ("where every channel's sharpness starts; the limit is 1 / this" as StaticString).c
  initial.presence = Int32(WORKBENCH_DEFAULT.rawValue)
  (initial.minimum, initial.maximum, initial.default_number) = (0, 1000, 0.2)

  var layer = workbench_layer_type()
  layer.struct_size = UInt32(MemoryLayout<workbench_layer_type>.size)
  layer.name = ("my_plugin" as StaticString).c
  layer.help =
    ("limits numbers softly, with a learned limit for each channel: x / sqrt(1 + (a x)^2)" as StaticString).c
  layer.option_count = 1
  layer.options = UnsafePointer(kept: [UnsafePointer(kept: initial)])
  (layer.minimum_inputs, layer.maximum_inputs) = (1, 1)
  layer.plan = plan
  layer.forward = forward
  layer.backward = backward

  var layers = workbench_layers()
  layers.struct_size = UInt32(MemoryLayout<workbench_layers>.size)
  layers.count = 1
  layers.types = UnsafePointer(kept: [UnsafePointer(kept: layer)])
  return UnsafePointer(kept: layers)
}()

nonisolated(unsafe) private let plugin: UnsafePointer<workbench_plugin> = {
  var plugin = workbench_plugin()
  plugin.struct_size = UInt32(MemoryLayout<workbench_plugin>.size)
  (plugin.abi_major, plugin.abi_minor) = (WORKBENCH_PLUGIN_MAJOR, WORKBENCH_PLUGIN_MINOR)
  plugin.id = ("my_plugin" as StaticString).c
  plugin.version = ("0.1.0" as StaticString).c
  plugin.help = ("the layer my_plugin: a soft limit that is learned" as StaticString).c
  plugin.capability = { _, id in id.map { String(cString: $0) } == WORKBENCH_LAYERS ? UnsafeRawPointer(layers) : nil }
  return UnsafePointer(kept: plugin)
}()

/// [main]
@_cdecl("workbench_plugin_main")
public func workbenchPluginMain(
  _ host: UnsafePointer<workbench_host>?, _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> UnsafePointer<workbench_plugin>? {
  plugin
}
