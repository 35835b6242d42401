/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "base/catalogue.h"

G_BEGIN_DECLS

/**
 * PlazaPlacePicker: a field that searches a catalogue as one types, folded («numi» finds «Ñumí»),
 * and keeps the code of the row chosen. Down goes into the matches, Enter chooses, Escape closes
 * them. A text that is no row stands without a code: whoever asks decides whether that will do.
 *
 * Signal "changed": the code or the text is another one.
 */
#define PLAZA_TYPE_PLACE_PICKER (plaza_place_picker_get_type ())
G_DECLARE_FINAL_TYPE (PlazaPlacePicker, plaza_place_picker, PLAZA, PLACE_PICKER, AdwBin)

/* Searches the rows of @catalogue, or only those of @parent when it is given. Forgets the choice.
 */
void plaza_place_picker_set_catalogue (PlazaPlacePicker *self,
                                       PlazaCatalogue *catalogue,
                                       const char *parent);

/* The name of the field for assistive technology. */
void plaza_place_picker_set_label (PlazaPlacePicker *self, const char *label);

/* The code chosen, NULL when none is. */
const char *plaza_place_picker_get_code (PlazaPlacePicker *self);

/* What the field shows: the row's label, or what was typed. */
const char *plaza_place_picker_get_text (PlazaPlacePicker *self);

/* Sets by code; when @code is NULL, empty or unknown, @typed (nullable) is shown without a code. */
void plaza_place_picker_set (PlazaPlacePicker *self, const char *code, const char *typed);

/* Marks the field wrong and says why below it; NULL takes that away. */
void plaza_place_picker_set_message (PlazaPlacePicker *self, const char *message);

G_END_DECLS
