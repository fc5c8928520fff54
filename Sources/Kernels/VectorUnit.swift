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

/// Columns of a packed panel: 32 where `usesWideVectors`, else 16. The last panel is half as wide, if that holds the rest.
public let gemmPanelWidth = usesWideVectors ? 32 : 16

/// The width of the panel that holds the next of `remaining` columns.
@inline(__always)
func panelWidth(remaining: Int, full: Int) -> Int { remaining <= full / 2 ? full / 2 : full }
