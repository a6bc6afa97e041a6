#pragma once
#include <zstd.h>

static inline unsigned long long vx_zstd_size_unknown(void) { return ZSTD_CONTENTSIZE_UNKNOWN; }
static inline unsigned long long vx_zstd_size_error(void) { return ZSTD_CONTENTSIZE_ERROR; }
