//! How the process keeps memory that it has given back to itself.

/// Buffers of this size go back to the system when they are freed.
const LARGE_BYTES: i32 = 256 << 10;
/// So much stays at the end of a heap when what was there is freed.
const SPARE_BYTES: i32 = 1 << 20;

/// Has the C library give large buffers back. Left alone it learns from each large one that is freed to keep the next within a
/// heap, up to 32 MiB, where small ones come to lie between them and nothing can be given back: with 19,000 nodes a server had
/// 324 MB after ten minutes and went on growing, and with this it has half of that.
pub(crate) fn give_back_large_buffers() {
    #[cfg(target_env = "gnu")]
    #[expect(unsafe_code, reason = "the C library has no safe way to be told")]
    // SAFETY: `mallopt` takes two numbers, is called before there is a second thread, and where it refuses changes nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, SPARE_BYTES);
    }
}
