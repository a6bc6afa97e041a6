#pragma once
#include <cairo.h>
#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_TRUETYPE_TABLES_H
#include <string.h>

/* Length of a table of the font file behind a Cairo font; copies at most `capacity` bytes of it to `into`.
   Zero where the font is no TrueType or OpenType file or has no such table. */
static inline unsigned long ccairo_font_table(
    cairo_scaled_font_t *font, unsigned long tag, unsigned char *into, unsigned long capacity) {
  if (cairo_scaled_font_get_type(font) != CAIRO_FONT_TYPE_FT) return 0;
  FT_Face face = cairo_ft_scaled_font_lock_face(font);
  FT_ULong length = 0;
  if (face && FT_Load_Sfnt_Table(face, tag, 0, NULL, &length) == 0) {
    if (into && length <= capacity && FT_Load_Sfnt_Table(face, tag, 0, into, &length) != 0) length = 0;
  } else {
    length = 0;
  }
  cairo_ft_scaled_font_unlock_face(font);
  return length;
}

/* Index of a character's glyph in the font; zero where it has none. */
static inline unsigned int ccairo_glyph_index(cairo_scaled_font_t *font, unsigned int character) {
  if (cairo_scaled_font_get_type(font) != CAIRO_FONT_TYPE_FT) return 0;
  FT_Face face = cairo_ft_scaled_font_lock_face(font);
  unsigned int glyph = face ? FT_Get_Char_Index(face, character) : 0;
  cairo_ft_scaled_font_unlock_face(font);
  return glyph;
}

/* Copies the family name of the face behind a Cairo font; answers its length, zero where there is none or it does not fit. */
static inline unsigned long ccairo_family(cairo_scaled_font_t *font, char *into, unsigned long capacity) {
  if (cairo_scaled_font_get_type(font) != CAIRO_FONT_TYPE_FT) return 0;
  FT_Face face = cairo_ft_scaled_font_lock_face(font);
  unsigned long length = face && face->family_name ? strlen(face->family_name) : 0;
  if (length >= capacity) length = 0;
  if (length) memcpy(into, face->family_name, length);
  cairo_ft_scaled_font_unlock_face(font);
  return length;
}
