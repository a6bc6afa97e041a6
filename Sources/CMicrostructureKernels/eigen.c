#include "vectors.h"

#define SPLAT16(value) ((v16)(value))
#define ROOT(v) __builtin_elementwise_sqrt(v)
#define ABS(v) __builtin_elementwise_abs(v)

// After D. Eberly, "A Robust Eigensolver for 3x3 Symmetric Matrices" (2014): the eigenvalue that lies
// apart from the other two gives its eigenvector by cross products, which is then well conditioned; the
// other two come from the 2x2 problem in the plane across it. The matrix is first freed of its trace
// and scaled to unit size, so that neither small nor large values lose digits.
CLONED void vmk_eigen(const float *tensors, ptrdiff_t stride, ptrdiff_t width, int32_t largest,
                      float *out_x, float *out_y, float *out_z, float *linearity,
                      float *planarity) {
  const float nan = __builtin_nanf("");
  const i16 wants_largest = (i16)(largest ? -1 : 0);
  for (ptrdiff_t i = 0; i < width; i += 16) {
    const v16 sxx = LOAD16(tensors + i), syy = LOAD16(tensors + stride + i);
    const v16 szz = LOAD16(tensors + 2 * stride + i), sxy = LOAD16(tensors + 3 * stride + i);
    const v16 sxz = LOAD16(tensors + 4 * stride + i), syz = LOAD16(tensors + 5 * stride + i);
    const v16 trace = sxx + syy + szz;
    const i16 defined = (trace > 1e-35f) & (trace < 3e38f);
    const v16 scale = 1.0f / (defined ? trace : SPLAT16(1));
    const v16 third = SPLAT16(1.0f / 3);
    v16 a00 = sxx * scale - third, a11 = syy * scale - third, a22 = szz * scale - third;
    v16 a01 = sxy * scale, a02 = sxz * scale, a12 = syz * scale;

    // Unit deviator: eigenvalues within [-2, 2] that add up to zero.
    const v16 p = ROOT((a00 * a00 + a11 * a11 + a22 * a22 +
                       2.0f * (a01 * a01 + a02 * a02 + a12 * a12)) * (1.0f / 6));
    const v16 unit = 1.0f / __builtin_elementwise_max(p, SPLAT16(1e-9f));
    a00 *= unit; a11 *= unit; a22 *= unit;
    a01 *= unit; a02 *= unit; a12 *= unit;
    v16 half = 0.5f * (a00 * (a11 * a22 - a12 * a12) - a01 * (a01 * a22 - a12 * a02) +
                      a02 * (a01 * a12 - a11 * a02));
    half = __builtin_elementwise_min(__builtin_elementwise_max(half, SPLAT16(-1)), SPLAT16(1));
    const i16 top_apart = half >= 0.0f;

    // cos(acos(r) / 3) on [0, 1], a polynomial with error below 1e-7.
    const v16 r = ABS(half);
    v16 c = SPLAT16(-0.0010047751711681485f);
    c = c * r + 0.0049955397844314575f;
    c = c * r - 0.012443533167243004f;
    c = c * r + 0.023734577000141144f;
    c = c * r - 0.047965165227651596f;
    c = c * r + 0.16665782034397125f;
    c = c * r + 0.8660255074501038f;
    const v16 apart = top_apart ? 2.0f * c : -2.0f * c;

    // Its eigenvector: the longest of the three cross products of rows.
    const v16 m0 = a00 - apart, m1 = a11 - apart, m2 = a22 - apart;
    const v16 p0 = a01 * a12 - a02 * m1, p1 = a02 * a01 - m0 * a12, p2 = m0 * m1 - a01 * a01;
    const v16 q0 = a01 * m2 - a02 * a12, q1 = a02 * a02 - m0 * m2, q2 = m0 * a12 - a01 * a02;
    const v16 s0 = m1 * m2 - a12 * a12, s1 = a12 * a02 - a01 * m2, s2 = a01 * a12 - m1 * a02;
    const v16 np = p0 * p0 + p1 * p1 + p2 * p2, nq = q0 * q0 + q1 * q1 + q2 * q2;
    const v16 ns = s0 * s0 + s1 * s1 + s2 * s2;
    const i16 use_q = (nq > np) & (nq >= ns);
    const i16 use_s = (ns > np) & (ns > nq);
    v16 w0 = use_s ? s0 : use_q ? q0 : p0;
    v16 w1 = use_s ? s1 : use_q ? q1 : p1;
    v16 w2 = use_s ? s2 : use_q ? q2 : p2;
    const v16 norm = use_s ? ns : use_q ? nq : np;
    const i16 regular = norm > 1e-12f;
    const v16 shrink = 1.0f / ROOT(regular ? norm : SPLAT16(1));
    w0 = regular ? w0 * shrink : SPLAT16(0);
    w1 = regular ? w1 * shrink : SPLAT16(0);
    w2 = regular ? w2 * shrink : SPLAT16(1);

    // The plane across it.
    const i16 along_x = ABS(w0) > ABS(w1);
    const v16 long_part = along_x ? w0 : w1;
    const v16 inverse = 1.0f / ROOT(long_part * long_part + w2 * w2);
    const v16 u0 = along_x ? -w2 * inverse : SPLAT16(0);
    const v16 u1 = along_x ? SPLAT16(0) : w2 * inverse;
    const v16 u2 = along_x ? w0 * inverse : -w1 * inverse;
    const v16 t0 = w1 * u2 - w2 * u1, t1 = w2 * u0 - w0 * u2, t2 = w0 * u1 - w1 * u0;
    const v16 au0 = a00 * u0 + a01 * u1 + a02 * u2;
    const v16 au1 = a01 * u0 + a11 * u1 + a12 * u2;
    const v16 au2 = a02 * u0 + a12 * u1 + a22 * u2;
    const v16 at0 = a00 * t0 + a01 * t1 + a02 * t2;
    const v16 at1 = a01 * t0 + a11 * t1 + a12 * t2;
    const v16 at2 = a02 * t0 + a12 * t1 + a22 * t2;
    const v16 uu = u0 * au0 + u1 * au1 + u2 * au2;
    const v16 ut = u0 * at0 + u1 * at1 + u2 * at2;
    const v16 tt = t0 * at0 + t1 * at1 + t2 * at2;
    const v16 mean = 0.5f * (uu + tt), difference = 0.5f * (uu - tt);
    const v16 radius = ROOT(difference * difference + ut * ut);

    // (along, across): the plane's eigenvector of the larger eigenvalue, without cancellation.
    const i16 forward = difference >= 0.0f;
    v16 along = forward ? difference + radius : ut;
    v16 across = forward ? ut : radius - difference;
    const v16 length = along * along + across * across;
    const i16 distinct = length > 1e-24f;
    const v16 shorten = 1.0f / ROOT(distinct ? length : SPLAT16(1));
    along = distinct ? along * shorten : SPLAT16(1);
    across = distinct ? across * shorten : SPLAT16(0);

    // The wanted one is the separate one, the plane's larger, or the plane's smaller.
    const i16 separate = top_apart ? wants_largest : ~wants_largest;
    const v16 cu = wants_largest ? along : -across;
    const v16 ct = wants_largest ? across : along;
    v16 x = separate ? w0 : cu * u0 + ct * t0;
    v16 y = separate ? w1 : cu * u1 + ct * t1;
    v16 z = separate ? w2 : cu * u2 + ct * t2;
    const i16 flip = (z < 0.0f) | ((z == 0.0f) & ((y < 0.0f) | ((y == 0.0f) & (x < 0.0f))));
    x = flip ? -x : x;
    y = flip ? -y : y;
    z = flip ? -z : z;

    const v16 upper = mean + radius, lower = mean - radius;
    const v16 l1 = top_apart ? apart : upper;
    const v16 l2 = top_apart ? upper : lower;
    const v16 l3 = top_apart ? lower : apart;
    const v16 share = p / (third + p * l1);
    const v16 line = __builtin_elementwise_min(share * __builtin_elementwise_max(l2 - l3, SPLAT16(0)), SPLAT16(1));
    const v16 plane = __builtin_elementwise_min(share * __builtin_elementwise_max(l1 - l2, SPLAT16(0)), SPLAT16(1));
    STORE16(out_x + i, defined ? x : SPLAT16(nan));
    STORE16(out_y + i, defined ? y : SPLAT16(nan));
    STORE16(out_z + i, defined ? z : SPLAT16(nan));
    STORE16(linearity + i, defined ? line : SPLAT16(nan));
    STORE16(planarity + i, defined ? plane : SPLAT16(nan));
  }
}

// Ring k of the hemisphere reaches to cos(theta) = 1 - ((k + 1) / rings)^2, the equal-area azimuthal
// projection of Lambert, in which 6 k + 3 sectors of ring k have one area for all k.
CLONED void vmk_hemisphere_cells(const float *x, const float *y, const float *z, ptrdiff_t width,
                                 int32_t rings, int32_t *cells) {
  const float turn = 0.15915494309189535f;
  for (ptrdiff_t i = 0; i < width; i += 16) {
    const v16 vx = LOAD16(x + i), vy = LOAD16(y + i), vz = LOAD16(z + i);
    const i16 defined = (vx == vx) & (vy == vy) & (vz == vz);
    const v16 rise = __builtin_elementwise_max(1.0f - (defined ? vz : SPLAT16(1)), SPLAT16(0));
    const v16 last = SPLAT16((float)(rings - 1));
    const v16 ring = __builtin_elementwise_min(
        __builtin_elementwise_floor(ROOT(rise) * (float)rings), last);
    // atan2 by a polynomial on [0, 1], error below 3e-7.
    const v16 ax = ABS(defined ? vx : SPLAT16(1)), ay = ABS(defined ? vy : SPLAT16(0));
    const i16 steep = ay > ax;
    const v16 low = steep ? ax : ay, high = steep ? ay : ax;
    const v16 t = low / (high > 0.0f ? high : SPLAT16(1));
    const v16 s = t * t;
    v16 angle = SPLAT16(0.0068426248617470264f);
    angle = angle * s - 0.03372593969106674f;
    angle = angle * s + 0.0798112079501152f;
    angle = angle * s - 0.13247522711753845f;
    angle = angle * s + 0.19813214242458344f;
    angle = angle * s - 0.33318302035331726f;
    angle = angle * s + 0.9999966621398926f;
    angle *= t;
    angle = steep ? 1.5707963267948966f - angle : angle;
    angle = vx < 0.0f ? 3.141592653589793f - angle : angle;
    angle = vy < 0.0f ? 6.283185307179586f - angle : angle;
    const v16 sectors = 6.0f * ring + 3.0f;
    v16 sector = __builtin_elementwise_floor(angle * turn * sectors);
    sector = __builtin_elementwise_min(__builtin_elementwise_max(sector, SPLAT16(0)), sectors - 1.0f);
    const v16 cell = 3.0f * ring * ring + sector;
    const i16 number = __builtin_convertvector(cell, i16);
    *(i16 *)(cells + i) = defined ? number : (i16)(-1);
  }
}
