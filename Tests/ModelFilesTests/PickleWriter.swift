import Foundation
import Tensors

/// Pickles as `torch.save` writes them, protocol 2, and some that it would never write.
struct PickleWriter {
  private(set) var bytes = Data([0x80, 2])

  init(_ body: (inout PickleWriter) -> Void) {
    body(&self)
    raw(".")
  }

  mutating func raw(_ text: String) { bytes += Data(text.utf8) }
  mutating func raw(_ values: [UInt8]) { bytes += Data(values) }

  mutating func number<Number: FixedWidthInteger>(_ value: Number) {
    withUnsafeBytes(of: value.littleEndian) { bytes += Data($0) }
  }

  mutating func text(_ text: String) {
    raw("X")
    number(UInt32(text.utf8.count))
    raw(text)
  }

  mutating func integer(_ value: Int) {
    if let small = Int32(exactly: value) {
      raw("J")
      number(small)
    } else {
      raw([0x8a, 8])
      number(Int64(value))
    }
  }

  mutating func global(_ module: String, _ name: String) { raw("c\(module)\n\(name)\n") }

  mutating func tuple(_ body: (inout PickleWriter) -> Void) {
    raw("(")
    body(&self)
    raw("t")
  }

  mutating func dictionary(_ body: (inout PickleWriter) -> Void) {
    raw("}(")
    body(&self)
    raw("u")
  }

  mutating func tensor(_ tensor: TorchSample.Entry) {
    global("torch._utils", "_rebuild_tensor_v2")
    tuple {
      $0.tuple {
        $0.text("storage")
        $0.global("torch", tensor.storageClass)
        $0.text(tensor.key)
        $0.text("cpu")
        $0.integer(tensor.count)
      }
      $0.raw("Q")
      $0.integer(tensor.offset)
      $0.tuple { for extent in tensor.shape { $0.integer(extent) } }
      $0.tuple { for stride in tensor.strides { $0.integer(stride) } }
      $0.raw([0x89])
      $0.global("collections", "OrderedDict")
      $0.raw(")R")
    }
    raw("R")
  }
}

/// A checkpoint of tensors, in either form.
struct TorchSample {
  struct Entry {
    var name: String
    var key: String
    var storageClass = "FloatStorage"
    var numbers: Data
    var count: Int
    var offset = 0
    var shape: [Int]
    var strides: [Int]

    init(_ name: String, key: String, _ shape: [Int], _ values: [Float]) {
      self.name = name
      self.key = key
      self.shape = shape
      strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
      numbers = values.withUnsafeBytes { Data($0) }
      count = values.count
    }
  }

  var entries: [Entry]
  /// The keys of the tables around, outermost first.
  var nesting: [String] = []

  /// `tensors` in the order of their names.
  init(_ tensors: [String: Tensor]) {
    entries = tensors.sorted { $0.key < $1.key }.enumerated().map {
      Entry($1.key, key: "\($0)", $1.value.shape.dimensions, $1.value.values)
    }
  }

  init(entries: [Entry]) { self.entries = entries }

  var pickle: Data {
    PickleWriter { writer in
      for key in nesting {
        writer.raw("}(")
        writer.text("epoch")
        writer.integer(7)
        writer.text(key)
      }
      writer.dictionary {
        for entry in entries {
          $0.text(entry.name)
          $0.tensor(entry)
        }
      }
      for _ in nesting { writer.raw("u") }
    }.bytes
  }

  /// As PyTorch 1.6 and later write it.
  func archive(pickle: Data? = nil) -> Data {
    var members = [ZipFile.Member("archive/data.pkl", pickle ?? self.pickle)]
    members.append(ZipFile.Member("archive/byteorder", Data("little".utf8)))
    var seen: Set<String> = []
    for entry in entries where seen.insert(entry.key).inserted {
      members.append(ZipFile.Member("archive/data/\(entry.key)", entry.numbers))
    }
    return ZipFile(members: members).data
  }

  /// As earlier versions wrote it.
  var legacy: Data {
    var result = PickleWriter {
      $0.raw([0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19])
    }.bytes
    result += PickleWriter { $0.integer(1001) }.bytes
    result +=
      PickleWriter {
        $0.dictionary {
          $0.text("little_endian")
          $0.raw([0x88])
        }
      }.bytes
    result += pickle
    let keys = entries.map(\.key).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    result +=
      PickleWriter {
        $0.raw("](")
        for key in keys { $0.text(key) }
        $0.raw("e")
      }.bytes
    for key in keys {
      guard let entry = entries.first(where: { $0.key == key }) else { continue }
      withUnsafeBytes(of: Int64(entry.count).littleEndian) { result += Data($0) }
      result += entry.numbers
    }
    return result
  }
}
