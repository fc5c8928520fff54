/// A value in a pickle that holds tensors. Whatever is large, or contains other values, is a place in an array of a
/// `Pickle`: so values that contain each other, or lie deep in each other, need neither cycles of references nor recursion.
enum PickleValue: Equatable {
  case none
  case boolean(Bool)
  case integer(Int)
  /// An integer beyond 64 bits: its lowest.
  case bigInteger(UInt64)
  case number(Double)
  case string(String)
  case bytes
  /// In `Pickle.tuples`, `.lists` and `.dictionaries`.
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  /// A function or class, of which only the name is kept.
  case global(PickleGlobal)
  /// In `Pickle.storages` and `.tensors`.
  case storage(Int)
  case tensor(Int)
}

/// The functions and classes that a tensor needs. No pickle can name any others.
enum PickleGlobal: Equatable {
  case orderedDictionary
  case rebuildTensor
  case rebuildParameter
  case size
  /// With the data type as safetensors calls it.
  case storage(TorchDataType)
  /// `torch.float32`, ...: known, and of no use.
  case dataType

  /// nil for everything that is not harmless.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", "Size"): self = .size
    case ("torch", _), ("torch.cuda", _):
      if let type = PickleGlobal.storages[name] {
        self = .storage(type)
      } else if module == "torch", PickleGlobal.dataTypes.contains(name) {
        self = .dataType
      } else {
        return nil
      }
    default: return nil
    }
  }

  private static let storages: [String: TorchDataType] = [
    "FloatStorage": .F32, "DoubleStorage": .F64, "HalfStorage": .F16, "BFloat16Storage": .BF16, "LongStorage": .I64,
    "IntStorage": .I32, "ShortStorage": .I16, "CharStorage": .I8, "ByteStorage": .U8, "BoolStorage": .BOOL,
  ]
  private static let dataTypes: Set<String> = [
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
  ]
}

/// A data type, as safetensors calls it.
enum TorchDataType: String {
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL

  var byteCount: Int { SafeTensorsHeader.bytesOfDataType[rawValue] ?? 1 }
}

/// A block of numbers in a file.
struct TorchStorage: Equatable {
  let key: String
  let dataType: TorchDataType
  let count: Int

  var byteCount: Int { count * dataType.byteCount }
}

/// A view of a storage, checked to lie inside of it.
struct TorchTensor: Equatable {
  let storage: TorchStorage
  let offset: Int
  let shape: [Int]
  let strides: [Int]

  /// - Returns: nil, or in `reason` why it cannot be.
  init?(storage: TorchStorage, offset: Int, shape: [Int], strides: [Int], reason: inout String) {
    guard shape.count == strides.count, shape.count <= 16 else {
      reason = "has a shape of \(shape.count) and strides of \(strides.count) numbers"
      return nil
    }
    guard offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
      reason = "has a negative extent, stride or offset"
      return nil
    }
    var (last, overflows) = (offset, false)
    var elements = 1
    for (extent, stride) in zip(shape, strides) where !overflows {
      let (product, a) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, b) = last.addingReportingOverflow(product)
      let (count, c) = elements.multipliedReportingOverflow(by: max(1, extent))
      (last, elements, overflows) = (sum, count, a || b || c)
    }
    let isEmpty = shape.contains(0)
    guard !overflows, isEmpty || last < storage.count else {
      reason = "reaches beyond the \(storage.count) numbers of its storage"
      return nil
    }
    // Strides of 0 could make a few bytes fill the memory.
    guard isEmpty || elements <= storage.count else {
      reason = "repeats the \(storage.count) numbers of its storage to more than they are"
      return nil
    }
    self.storage = storage
    self.offset = offset
    self.shape = shape
    self.strides = strides
  }
}
