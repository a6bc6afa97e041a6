// Stands before the C library's allocator, so that every library of the process is counted.
#include "allocation_watch.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ALLOCATION_WATCH_OFF 1
#endif
#endif

static atomic_long live, peak, start;

void allocation_watch_begin(void) {
  long now = atomic_load(&live);
  atomic_store(&start, now);
  atomic_store(&peak, now);
}

long allocation_watch_peak(void) { return atomic_load(&peak) - atomic_load(&start); }

#if !ALLOCATION_WATCH_OFF
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void *took(void *block) {
  if (!block) return block;
  long size = (long)malloc_usable_size(block);
  long now = atomic_fetch_add_explicit(&live, size, memory_order_relaxed) + size;
  long most = atomic_load_explicit(&peak, memory_order_relaxed);
  while (now > most &&
         !atomic_compare_exchange_weak_explicit(&peak, &most, now, memory_order_relaxed, memory_order_relaxed)) {
  }
  return block;
}

static void gave(void *block) {
  if (block) atomic_fetch_sub_explicit(&live, (long)malloc_usable_size(block), memory_order_relaxed);
}

void *malloc(size_t size) { return took(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return took(__libc_calloc(count, size)); }

void *realloc(void *block, size_t size) {
  long before = block ? (long)malloc_usable_size(block) : 0;
  void *result = __libc_realloc(block, size);
  if (result || size == 0) atomic_fetch_sub_explicit(&live, before, memory_order_relaxed);
  return took(result);
}

void *memalign(size_t alignment, size_t size) { return took(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return took(__libc_memalign(alignment, size)); }

int posix_memalign(void **result, size_t alignment, size_t size) {
  void *block = took(__libc_memalign(alignment, size));
  if (!block) return ENOMEM;
  *result = block;
  return 0;
}

void free(void *block) {
  gave(block);
  __libc_free(block);
}
#endif
