#pragma once
#include <sys/syscall.h>
#include <unistd.h>

// Linux gives a file its name without replacing, or two files each other's, in one step; Swift does not see the call.
static inline int vx_rename(const char *old_name, const char *new_name, unsigned flags) {
  return (int)syscall(SYS_renameat2, -100, old_name, -100, new_name, flags);
}
static inline int vx_rename_without_replacing(const char *old_name, const char *new_name) {
  return vx_rename(old_name, new_name, 1);
}
static inline int vx_exchange_names(const char *first, const char *second) { return vx_rename(first, second, 2); }
