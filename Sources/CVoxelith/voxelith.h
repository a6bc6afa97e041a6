/* The C interface of Voxelith: operations over plain buffers.
 *
 * An operation has a name, a request (JSON: the settings of the operation, by the words that `describe` tells), and named arrays,
 * each a buffer of the caller or a file. It answers with arrays, a report (JSON) and notices.
 *
 *   VoxelithArray counts = {.name = "spectra", .data = p, .type = VOXELITH_FLOAT32, .rank = 4, .shape = {4, 8, 8, 400}};
 *   ...
 *   VoxelithResult *result = NULL;
 *   if (voxelith_run("map", "{\"spectra\": {\"live_time_s\": 600}}", inputs, 3, NULL, &result) != 0)
 *     fprintf(stderr, "%s\n", voxelith_result_error(result));
 *   voxelith_result_free(result);
 *
 * Nothing is kept between calls: several may run at once, each on its own thread. Buffers of the caller are read in place while the
 * call lasts, and never written to. A process that was forked from one that had worked cannot work: its calls end with VOXELITH_USAGE. */
#ifndef VOXELITH_H
#define VOXELITH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header; grows when something here changes its meaning. voxelith_interface() tells that of the library. */
#define VOXELITH_INTERFACE 1

enum {
  VOXELITH_UINT8 = 1,
  VOXELITH_UINT16 = 2,
  VOXELITH_UINT32 = 3,
  VOXELITH_UINT64 = 4,
  VOXELITH_INT8 = 5,
  VOXELITH_INT16 = 6,
  VOXELITH_INT32 = 7,
  VOXELITH_INT64 = 8,
  VOXELITH_FLOAT16 = 9,
  VOXELITH_FLOAT32 = 10,
  VOXELITH_FLOAT64 = 11
};

/* What a call ends with. The exit codes of the program `voxelith` are the same numbers. */
enum {
  VOXELITH_DONE = 0,
  VOXELITH_USAGE = 64,         /* a request that makes no sense */
  VOXELITH_DATA = 65,          /* an array or a file whose content is wrong */
  VOXELITH_MISSING = 66,       /* an input that is not there */
  VOXELITH_INTERNAL = 70,      /* a defect of Voxelith */
  VOXELITH_CANNOT_CREATE = 73, /* an output that cannot be made, or exists already */
  VOXELITH_IO = 74,            /* reading or writing failed */
  VOXELITH_CANCELLED = 130
};

/* An array in C order (the last index runs fastest) and the byte order of the machine. Volumes are z, y, x; spectra z, y, x, bin; vectors
 * z, y, x, component. */
typedef struct VoxelithArray {
  const char *name;
  const char *path;    /* of inputs: a file in place of a buffer; else NULL */
  const void *data;    /* NULL with a path, and where shape and place alone are meant */
  int32_t type;
  int32_t rank;        /* 1 to 4 */
  int64_t shape[4];
  double spacing_um[3]; /* size of a voxel along z, y, x; zeros where it is not known */
  double origin_um[3];  /* outer corner of the first voxel: z, y, x */
} VoxelithArray;

/* What a call may use, and whom it tells. Every member may be 0. The functions are called on the thread that called voxelith_run,
 * some tens of times a second at most. */
typedef struct VoxelithHooks {
  void *context;
  void (*progress)(void *context, const char *stage, int64_t done, int64_t total, const char *unit);
  int32_t (*cancelled)(void *context); /* other than 0: stop, with VOXELITH_CANCELLED */
  int64_t threads;                     /* 0: all */
  int64_t memory;                      /* bytes for working arrays; 0: 2 GiB */
} VoxelithHooks;

/* What a call answers; its strings and arrays live until it is freed. */
typedef struct VoxelithResult VoxelithResult;

/* "0.1.0" */
const char *voxelith_version(void);

int32_t voxelith_interface(void);

/* Runs an operation; "describe" reports all of them. `result` is set in any case and must be freed. Returns VOXELITH_DONE or the
 * code of the error. */
int32_t voxelith_run(
    const char *operation, const char *request, const VoxelithArray *inputs, int64_t count,
    const VoxelithHooks *hooks, VoxelithResult **result);

/* One or two lines: what is wrong, where, what to do. NULL where all went well. */
const char *voxelith_result_error(const VoxelithResult *result);

/* JSON, as the command of the same name writes it. */
const char *voxelith_result_report(const VoxelithResult *result);

/* What the caller should know and what stops nothing; NULL past the last. */
const char *voxelith_result_notice(const VoxelithResult *result, int64_t index);

/* Fills `array` and returns 1, or returns 0 past the last. */
int32_t voxelith_result_array(const VoxelithResult *result, int64_t index, VoxelithArray *array);

void voxelith_result_free(VoxelithResult *result);

#ifdef __cplusplus
}
#endif

#endif
