/// Converts little-endian numbers of a safetensors data type to float32.
///
/// - Returns: false when the type is not one of `F64 F32 F16 BF16 I64 I32 U8 BOOL`.
func convertToFloat(
  _ bytes: UnsafeRawBufferPointer, dataType: String, into target: UnsafeMutableBufferPointer<Float>
) -> Bool {
  func convert<Bits: FixedWidthInteger>(_ type: Bits.Type, _ number: (Bits) -> Float) {
    for i in 0..<target.count {
      let bits = bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<Bits>.size, as: Bits.self)
      target[i] = number(Bits(littleEndian: bits))
    }
  }
  switch dataType {
  case "F32": convert(UInt32.self) { Float(bitPattern: $0) }
  case "F64": convert(UInt64.self) { Float(Double(bitPattern: $0)) }
  case "F16": convert(UInt16.self, floatOfHalf)
  case "BF16": convert(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
  case "I64": convert(Int64.self) { Float($0) }
  case "I32": convert(Int32.self) { Float($0) }
  case "U8", "BOOL": convert(UInt8.self) { Float($0) }
  default: return false
  }
  return true
}

/// IEEE 754 binary16; written out because `Float16` is not available on every platform.
private func floatOfHalf(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1f
  let fraction = UInt32(bits) & 0x3ff
  switch exponent {
  case 0:
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
