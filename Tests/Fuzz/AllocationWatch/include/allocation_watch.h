#pragma once

// Starts to count from here on: bytes that are live now are not counted.
void allocation_watch_begin(void);

// The most bytes that were live at once since the last begin. Always 0 under a sanitizer, which has an allocator of
// its own.
long allocation_watch_peak(void);
