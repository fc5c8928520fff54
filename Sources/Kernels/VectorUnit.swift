import CProcessor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// True where matrix products run on 512-bit vectors. `WORKBENCH_AVX512=0` in the environment forbids it, to compare.
public let usesWideVectors: Bool = {
  #if arch(x86_64)
    if let value = getenv("WORKBENCH_AVX512"), value[0] == 48 { return false }
    return processor_has_avx512() != 0
  #else
    return false
  #endif
}()

/// Columns of a full packed panel.
let gemmPanelWidth = usesWideVectors ? 64 : 16

/// The width of the panel that holds the next of `remaining` columns: the narrowest that there is a microkernel for, or
/// a full one.
@inline(__always)
func gemmPanelWidth(remaining: Int) -> Int {
  if usesWideVectors {
    return remaining > 48 ? 64 : remaining > 32 ? 48 : remaining > 24 ? 32 : remaining > 16 ? 24 : 16
  }
  return remaining > 8 ? 16 : 8
}

/// Columns of the output gradient that the kernel gradient takes at a time.
let outerPanelWidth = usesWideVectors ? 32 : 16

/// The width of the panel that holds the next of `remaining` columns.
@inline(__always)
func panelWidth(remaining: Int, full: Int) -> Int { remaining <= full / 2 ? full / 2 : full }
