#pragma once
#include <hdf5.h>
#include <stdint.h>

// Makes a list of file access settings use the guarded driver, which reads only and looks at each piece before the
// library does: a piece that the library is known to take for granted and then to hang or to crash on is an error of
// reading instead.
herr_t vx_h5_use_guarded_driver(hid_t access);

// Descriptors of this number and above are left to others: a file that would take one cannot be opened.
void vx_h5_spare_descriptors_from(int first);

// The most bytes of values of arrays that the library may read in one piece from files of this driver, SIZE_MAX for no limit:
// it reads a chunk without filters into the caller's memory by the length that the file claims, which it does not tell.
void vx_h5_limit_raw(size_t most);

// Bytes of the last such piece that was asked for since the limit was set, also where it was refused.
size_t vx_h5_last_raw(void);

// Bytes of a reference to a text of variable length as it comes out of vx_h5_reference_type.
#define VX_H5_REFERENCE_SIZE 16

// A type in which texts of variable length are read as references to the file's global heap, which the library then
// does not touch: it copies out of the heap without asking whether the text is as long as the reference says. The
// caller closes the type. Negative on failure.
hid_t vx_h5_reference_type(void);

// The text that a reference leads to, without a zero at its end; the caller frees it. NULL where the reference or the
// heap is damaged, or where `object` is not of a file of the guarded driver.
char *vx_h5_referenced_text(hid_t object, const unsigned char *reference, size_t *length);

// Unpacks one chunk by the library's own filters and plugins, of which it would take any length for the right one: here the
// chunk must unpack to exactly `bytes`. `creation` are the properties of its dataset, `type` the type of its elements, `target`
// takes them in `memory_type`. 0 where it did; the library's error stack says why not.
int vx_h5_unpack_guarded(hid_t creation, hid_t type, int rank, const hsize_t *chunk, size_t bytes, uint32_t skipped,
                         const void *packed, size_t length, hid_t memory_type, void *target);

// The descriptor through which the guarded driver reads the file of an object; it stays the driver's. Negative where the
// file is read by another driver.
int vx_h5_descriptor(hid_t object);

// Whether the writer of the file of an object has not closed it: it still writes, or was killed.
int vx_h5_is_left_open(hid_t object);

// Marks in `axes`, which has room for `rank`, along which axes of the array at an address a dimension scale lies. How many these
// are; negative where its list of arrays is damaged.
int vx_h5_scaled_axes(hid_t scale, uint64_t array, int rank, unsigned char *axes);
