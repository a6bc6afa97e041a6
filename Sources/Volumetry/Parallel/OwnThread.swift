import Glibc

/// A thread outside all pools, for what waits long.
public enum OwnThread {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts one; nobody waits for its end.
  ///
  /// - Parameter stack: bytes of its stack.
  /// - Returns: false where the system gives no thread: nothing runs then.
  public static func start(stack: Int = 1 << 19, _ body: @escaping @Sendable () -> Void) -> Bool {
    var settings = pthread_attr_t()
    guard unsafe pthread_attr_init(&settings) == 0 else { return false }
    defer { unsafe pthread_attr_destroy(&settings) }
    unsafe pthread_attr_setdetachstate(&settings, Int32(PTHREAD_CREATE_DETACHED))
    unsafe pthread_attr_setstacksize(&settings, stack)
    let work = unsafe Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, &settings,
      { raw in
        if let raw = unsafe raw { unsafe Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      unsafe work.release()
      return false
    }
    return true
  }
}
