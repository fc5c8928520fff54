import COpenBLAS

/// Tells OpenBLAS to compute on the calling thread alone, as the worker pool expects. May be called again and again.
public func blas_useOneThread() { openblas_set_num_threads(1) }

/// `c = op(a) op(b) + beta c` by OpenBLAS, row-major, on the calling thread.
///
/// - Parameters:
///   - m: rows of op(a) and c. `n`: columns of op(b) and c. `k`: columns of op(a).
///   - lda: floats from row to row of `a` as it is stored; `ldb`, `ldc` likewise.
public func gemm_blas(
  transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, lda: Int,
  _ b: UnsafePointer<Float>, ldb: Int, beta: Float = 0, into c: UnsafeMutablePointer<Float>, ldc: Int
) {
  cblas_sgemm(
    CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, blasint(m),
    blasint(n), blasint(k), 1, a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
}
