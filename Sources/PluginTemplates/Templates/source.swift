import CWorkbenchPlugin
import Glibc

// my_plugin: a data source that draws leaves of two kinds, with a smooth and with a toothed margin.
//
// Each picture follows from `seed` and its number alone: nothing is stored, and any sample can be drawn at any time, by
// any thread. What a plugin must keep to stands at the top of workbench_plugin.h.

private let classNames = ["smooth_margin", "toothed_margin"]

/// An open source.
private final class Leaves {
  let count: UInt64
  let seed: UInt64
  let size: UInt32

  init(_ options: UnsafePointer<workbench_options>) {
    count = UInt64(workbench_find(options, "count").pointee.integer)
    seed = UInt64(workbench_find(options, "drawing_seed").pointee.integer)
    size = UInt32(workbench_find(options, "drawing_size").pointee.integer)
  }

  func label(_ sample: UInt64) -> Int { Int(sample % UInt64(classNames.count)) }

  /// [height, width, 3] bytes.
  func draw(_ sample: UInt64, width: Int, height: Int, _ rgb: UnsafeMutablePointer<UInt8>) {
    var random = SplitMix(seed)
    random = SplitMix(random.next() ^ sample)
    let leaf = Leaf(isToothed: label(sample) == 1, &random)
    let pixel = 1 / Float(min(width, height))
    var at = rgb
    for row in 0..<height {
      for column in 0..<width {
        let x = (Float(column) + 0.5 - 0.5 * Float(width)) * pixel + 0.5 - leaf.x
        let y = (Float(row) + 0.5 - 0.5 * Float(height)) * pixel + 0.5 - leaf.y
        let along = leaf.cosine * x + leaf.sine * y
        let across = leaf.cosine * y - leaf.sine * x
        let green = leaf.cover(along: along, across: across, pixel: pixel)
        let vein: Float = abs(across) < 0.006 + pixel ? 25 : 0
        let noise = random.between(-7, 7)
        at[0] = byte(232 + noise + green * (leaf.red + vein - 232))
        at[1] = byte(226 + noise + green * (leaf.green + vein - 226))
        at[2] = byte(210 + noise + green * (leaf.blue + vein - 210))
        at += 3
      }
    }
  }
}

private func byte(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 255) + 0.5) }

/// Lengths are in parts of the picture's side.
private struct Leaf {
  let x: Float, y: Float
  let cosine: Float, sine: Float
  /// Half of each.
  let length: Float, width: Float
  /// How many on a side, and how deep, in parts of the width.
  let teeth: Float, depth: Float
  let red: Float, green: Float, blue: Float

  init(isToothed: Bool, _ random: inout SplitMix) {
    let angle = random.between(0, 2 * .pi)
    (cosine, sine) = (cosf(angle), sinf(angle))
    (x, y) = (random.between(0.4, 0.6), random.between(0.4, 0.6))
    (length, width) = (random.between(0.32, 0.46), random.between(0.14, 0.24))
    teeth = roundf(random.between(5, 9))
    depth = isToothed ? random.between(0.22, 0.4) : 0
    (red, green, blue) = (random.between(60, 120), random.between(95, 140), random.between(40, 80))
  }

  /// How much of a pixel is leaf, 0 to 1.
  func cover(along: Float, across: Float, pixel: Float) -> Float {
    let t = along / length
    if t <= -1 || t >= 1 { return 0 }
    // A saw: each tooth rises slowly and ends at once, pointing to the tip.
    let phase = (t + 1) / 2 * teeth
    let half = width * (1 - t * t) * (1 - 0.3 * t) * (1 - depth * (phase - floorf(phase)))
    return min(max((half - abs(across)) / pixel + 0.5, 0), 1)
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a good number for every state.
private struct SplitMix {
  private var state: UInt64

  init(_ state: UInt64) { self.state = state }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func between(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * Float(next() >> 40) * 0x1p-24
  }
}

// MARK: The source, as C calls it

private typealias Source = UnsafePointer<workbench_source_type>

private func leaves(_ state: UnsafeMutableRawPointer?) -> Leaves {
  Unmanaged<Leaves>.fromOpaque(state!).takeUnretainedValue()
}

/// [any]
private func open(
  _: Source?, _ request: UnsafePointer<workbench_source_request>?, _ info: UnsafeMutablePointer<workbench_source_info>?,
  _: UnsafeMutablePointer<CChar>?, _: Int
) -> workbench_status {
  let leaves = Leaves(request!.pointee.options)
  let info = info!
  info.pointee.flags = WORKBENCH_THREAD_SAFE
  info.pointee.count = leaves.count
  info.pointee.class_count = UInt32(classNames.count)
  info.pointee.state = Unmanaged.passRetained(leaves).toOpaque()
  return workbench_status(WORKBENCH_OK)
}

/// [main]
private func close(_: Source?, _ state: UnsafeMutableRawPointer?) { Unmanaged<Leaves>.fromOpaque(state!).release() }

/// [main]
private func className(
  _: Source?, _: UnsafeMutableRawPointer?, _ index: UInt32, _ name: UnsafeMutablePointer<CChar>?, _ nameBytes: Int,
  _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> workbench_status {
  guard Int(index) < classNames.count else {
    return fail(WORKBENCH_OUT_OF_RANGE, "there are two classes", message, messageBytes)
  }
  copy(classNames[Int(index)], to: UnsafeMutableRawBufferPointer(start: name, count: nameBytes))
  return workbench_status(WORKBENCH_OK)
}

/// [any]
private func describe(
  _: Source?, _ state: UnsafeMutableRawPointer?, _ sample: UInt64,
  _ description: UnsafeMutablePointer<workbench_sample>?, _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> workbench_status {
  let leaves = leaves(state)
  guard sample < leaves.count else {
    return fail(WORKBENCH_OUT_OF_RANGE, "there is no such leaf", message, messageBytes)
  }
  description!.pointee.label = Int32(leaves.label(sample))
  withUnsafeMutableBytes(of: &description!.pointee.name) { copy("leaf-\(sample)", to: $0) }
  return workbench_status(WORKBENCH_OK)
}

/// [any]
private func read(
  _: Source?, _ state: UnsafeMutableRawPointer?, _ read: UnsafeMutablePointer<workbench_read>?,
  _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> workbench_status {
  let leaves = leaves(state)
  let read = read!
  guard read.pointee.sample < leaves.count else {
    return fail(WORKBENCH_OUT_OF_RANGE, "there is no such leaf", message, messageBytes)
  }
  // Drawn as large as the network wants it, which saves resizing.
  let width = read.pointee.preferred_width == 0 ? leaves.size : read.pointee.preferred_width
  let height = read.pointee.preferred_height == 0 ? leaves.size : read.pointee.preferred_height
  guard let memory = read.pointee.reserve(read, UInt64(width) * UInt64(height) * 3) else {
    return fail(WORKBENCH_OUT_OF_MEMORY, "no memory for a picture", message, messageBytes)
  }
  read.pointee.format = Int32(WORKBENCH_RGB.rawValue)
  (read.pointee.width, read.pointee.height) = (width, height)
  leaves.draw(
    read.pointee.sample, width: Int(width), height: Int(height), memory.assumingMemoryBound(to: UInt8.self))
  return workbench_status(WORKBENCH_OK)
}

// MARK: What the plugin brings

private func integerOption(
  _ name: StaticString, _ range: ClosedRange<Double>, default preset: Int64, _ help: StaticString
) -> UnsafePointer<workbench_option>? {
  var option = workbench_option()
  option.struct_size = UInt32(MemoryLayout<workbench_option>.size)
  option.kind = Int32(WORKBENCH_INTEGER.rawValue)
  (option.name, option.help) = (name.c, help.c)
  option.presence = Int32(WORKBENCH_DEFAULT.rawValue)
  (option.minimum, option.maximum, option.default_integer) = (range.lowerBound, range.upperBound, preset)
  return UnsafePointer(kept: option)
}

nonisolated(unsafe) private let sources: UnsafePointer<workbench_sources> = {
  // `split`, `size`, `augment` and what else all sources have are options of the host.
  let options = [
    integerOption("count", 2...10_000_000, default: 600, "how many leaves there are, half of them of each class"),
    integerOption("drawing_seed", 0...1_000_000_000, default: 1, "another number gives other leaves"),
    integerOption(
      "drawing_size", 16...4096, default: 128, "side of the pictures in pixels, where nobody prefers another"),
  ]
  var source = workbench_source_type()
  source.struct_size = UInt32(MemoryLayout<workbench_source_type>.size)
  source.name = ("my_plugin" as StaticString).c
  source.help = ("drawn leaves with smooth and with toothed margins" as StaticString).c
  source.option_count = UInt32(options.count)
  source.options = UnsafePointer(kept: options)
  source.open = open
  source.close = close
  source.class_name = className
  source.describe = describe
  source.read = read

  var sources = workbench_sources()
  sources.struct_size = UInt32(MemoryLayout<workbench_sources>.size)
  sources.count = 1
  sources.types = UnsafePointer(kept: [UnsafePointer(kept: source)])
  return UnsafePointer(kept: sources)
}()

nonisolated(unsafe) private let plugin: UnsafePointer<workbench_plugin> = {
  var plugin = workbench_plugin()
  plugin.struct_size = UInt32(MemoryLayout<workbench_plugin>.size)
  (plugin.abi_major, plugin.abi_minor) = (WORKBENCH_PLUGIN_MAJOR, WORKBENCH_PLUGIN_MINOR)
  plugin.id = ("my_plugin" as StaticString).c
  plugin.version = ("0.1.0" as StaticString).c
  plugin.help = ("the data source my_plugin: drawn leaves" as StaticString).c
  plugin.capability = { _, id in
    id.map { String(cString: $0) } == WORKBENCH_SOURCES ? UnsafeRawPointer(sources) : nil
  }
  return UnsafePointer(kept: plugin)
}()

/// [main]
@_cdecl("workbench_plugin_main")
public func workbenchPluginMain(
  _ host: UnsafePointer<workbench_host>?, _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> UnsafePointer<workbench_plugin>? {
  plugin
}
